{#- What is found in one record that stands, and refuses nothing: column, rule, and the condition on
    the record. Rules of every feed of care that has the columns, then a feed's own. -#}
{%- macro quality_rules(feed) -%}
    {%- set contract = input_contract(feed) -%}
    {%- set rules = [] -%}
    {%- if 'local_patient_id' in contract.columns -%}
        {%- do rules.append([
            'local_patient_id', 'holds_nhs_number',
            'contains(record.local_patient_id, record.nhs_number)'
        ]) -%}
    {%- endif -%}
    {%- if 'gp_practice_code' in contract.columns -%}
        {%- do rules.append([
            'gp_practice_code', 'practice_closed',
            'record.' ~ contract.event_date ~ ' > practice.closed_on'
        ]) -%}
    {%- endif -%}
    {%- if 'postcode' in contract.columns -%}
        {%- do rules.append([
            'postcode', 'postcode_format', 'not ' ~ valid_postcode('record.postcode')
        ]) -%}
    {%- endif -%}
    {%- for name, organisation in treating_organisations(feed) -%}
        {%- set day = 'record.' ~ contract.event_date -%}
        {%- do rules.append([
            name, 'organisation_closed', day ~ ' > ' ~ organisation ~ '.closed_on'
        ]) -%}
        {%- do rules.append([
            name, 'organisation_not_open',
            day ~ ' < ' ~ organisation ~ '.opened_on and not ' ~ is_default_date(day)
        ]) -%}
    {%- endfor -%}
    {%- if 'treatment_function_code' in contract.columns -%}
        {%- do rules.append([
            'treatment_function_code', 'unknown_code',
            'not list_contains(treatment_function.codes, record.treatment_function_code)'
        ]) -%}
    {%- endif -%}
    {%- do rules.extend({
        'apc_episode': [[
            'sex', 'delivery_of_no_woman',
            "record.admission_method in ('31', '32') and record.sex in ('1', '9')"
        ], [
            'episode_end_date', 'missing_end',
            "record.episode_status = '3' and record.episode_end_date is null"
        ]],
        'emergency_attendance': [[
            'departure_date', 'longer_than_24_hours',
            'record.departure_date + record.departure_time'
            ~ ' > record.arrival_date + record.arrival_time + to_hours(24)'
        ], [
            'departure_date', 'missing_end',
            'record.attendance_disposal is not null and record.departure_date is null'
        ]]
    }.get(feed, [])) -%}
    {{ return(rules) }}
{%- endmacro -%}


{#- The columns of a feed that say who gave the care, and what each is called in a rule. -#}
{%- macro treating_organisations(feed) -%}
    {%- set found = [] -%}
    {%- for name, organisation in [('provider_code', 'provider'), ('site_code', 'site')] -%}
        {%- if name in input_contract(feed).columns -%}
            {%- do found.append((name, organisation)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}


{#- The list of findings of one record: a struct of column and rule, NULL where the rule holds. -#}
{%- macro quality_findings(feed) -%}
    [
            {%- for column_name, rule, condition in quality_rules(feed) %}
                case
                    when {{ condition }}
                        then {{ '{' }}'column_name': '{{ column_name }}', 'rule': '{{ rule }}'{{ '}' }}
                end{{ ',' if not loop.last }}
            {%- endfor %}
            ]
{%- endmacro -%}
