{#- Errors of one landed row against the submission protocol, as a Jinja list of expressions; empty
    for a feed that does not follow it. -#}
{%- macro protocol_errors(feed) -%}
    {%- set errors = [] -%}
    {%- if input_contract(feed).submission_protocol -%}
        {%- set is_bulk = "submission.protocol = 'bulk'" -%}
        {%- set day = activity_date(feed, 'landed') -%}
        {%- do errors.append(contract_error(
            'len(submission.protocol_errors) > 0', 'submission', 'submission_envelope', 'reject',
            'Send the file again with a whole envelope: stg_submission names what is wrong with it'
        )) -%}
        {%- do errors.append(contract_error(
            is_bulk ~ ' and not coalesce(' ~ day
            ~ ' between submission.period_start and submission.period_end, false)',
            'submission', 'outside_report_period', 'reject',
            'Send the row in the bulk file whose report period holds its activity date'
        )) -%}
        {%- do errors.append(contract_error(
            is_bulk ~ ' and ' ~ bulk_replacement_group(feed, 'landed')
            ~ ' <> submission.bulk_replacement_group',
            'submission', 'other_bulk_group', 'reject',
            'Send the row in a bulk file of its own bulk replacement group'
        )) -%}
        {%- do errors.append(contract_error(
            is_bulk ~ " and landed.update_type = '1'",
            'update_type', 'delete_in_bulk', 'reject',
            'Leave the row out: a bulk file deletes what it does not hold'
        )) -%}
        {%- do errors.append(contract_error(
            iso_timestamp('landed.applicable_at') ~ '::date > submission.received_on',
            'applicable_at', 'after_receipt', 'reject',
            'Send the time of the change: this one is after the file was received'
        )) -%}
    {%- endif -%}
    {{ return(errors) }}
{%- endmacro -%}


{#- Names of the rules of the protocol that an envelope breaks; such a file changes nothing, its
    rows are refused. Expects the typed columns of the envelope. -#}
{%- macro envelope_errors() -%}
    {%- set of_feed = [] -%}
    {%- for feed, contract in input_contracts().items() if contract.submission_protocol -%}
        {%- for group, _ in contract.submission_protocol -%}
            {%- do of_feed.append(feed ~ ' ' ~ group) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set is_bulk = "protocol = 'bulk'" -%}
    {%- set rules = {
        'unknown_protocol': "coalesce(protocol, '') not in ('net', 'bulk')",
        'no_extract_time': 'extract_at is null',
        'extracted_after_receipt': 'extract_at::date > received_on',
        'applicable_after_receipt': 'applicable_at::date > received_on',
        'no_bulk_group': is_bulk ~ ' and bulk_replacement_group is null',
        'bulk_group_of_another_feed': is_bulk
            ~ " and feed || ' ' || bulk_replacement_group not in ('"
            ~ of_feed | join("', '") ~ "')",
        'no_report_period': is_bulk
            ~ ' and (period_start is null or period_end is null)',
        'report_period_reversed': is_bulk ~ ' and period_start > period_end',
        'report_period_over_a_year': is_bulk
            ~ ' and period_end - period_start > 365'
    } -%}
    list_filter([
            {%- for name, condition in rules.items() %}
            case when {{ condition }} then '{{ name }}' end{{ ',' if not loop.last }}
            {%- endfor %}
        ], lambda rule_name : rule_name is not null)
{%- endmacro -%}
