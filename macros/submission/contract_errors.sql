{#- The list of errors of one landed row, as the contract of the feed defines them. -#}
{%- macro contract_errors(feed) -%}
    {%- set contract = input_contract(feed) -%}
    {%- set errors = [] -%}
    {%- for name, rules in contract.columns.items() -%}
        {%- do errors.extend(column_errors(name, rules)) -%}
    {%- endfor -%}
    {%- for name, is_sequence in long_code_columns(feed).items() -%}
        {%- do errors.append(contract_error(
            contains_known_number('landed.' ~ name, is_sequence), name, 'holds_nhs_number', 'reject',
            'Send the code of the item: this one contains the NHS number of a patient'
        )) -%}
    {%- endfor -%}
    {%- for earlier, later in contract.date_order -%}
        {%- do errors.append(date_order_error(earlier, later)) -%}
    {%- endfor -%}
    {%- if contract.collected_until -%}
        {%- do errors.append(contract_error(
            "submission.received_on > date '" ~ contract.collected_until ~ "'",
            'submission', 'collection_ended', 'reject',
            'Send nothing more: this collection ended on ' ~ contract.collected_until
        )) -%}
    {%- endif -%}
    {%- if contract.objection_kind -%}
        {%- do errors.append(contract_error(
            'objector.source_row is not null',
            'nhs_number', contract.objection_kind ~ '_objection', 'reject',
            'Leave the person out: an objection was in force on the day of the extract'
        )) -%}
    {%- endif -%}
    {%- do errors.extend(sender_errors(feed)) -%}
    {%- do errors.extend(protocol_errors(feed)) -%}
    -- few rows break a rule: the list is made for those only
    case
            when
                {{ errors | map(attribute='condition') | join('\n                or ') }}
                then list_filter([
                        {%- for error in errors %}
                        case when {{ error.condition }} then {{ error.content }} end
                        {{- ',' if not loop.last }}
                        {%- endfor %}
                    ], lambda error : error is not null
                    {%- if contract.submission_protocol %}
                    and {{ counts_for_update_type(contract.record_key) }}
                    {%- endif -%})
            else []
        end
{%- endmacro -%}


{#- A deletion only names its record: nothing else of the row is read, so nothing else is wrong. -#}
{%- macro counts_for_update_type(record_key) -%}
    (
            coalesce(landed.update_type <> '1', true)
            or struct_extract(error, 'column_name') in (
                '{{ record_key | join("', '") }}', 'update_type', 'applicable_at', 'submission'
            )
        )
{%- endmacro -%}


{%- macro column_errors(name, rules) -%}
    {%- set value = 'landed.' ~ name -%}
    {%- set severity = 'warn' if rules.on_error == 'blank' else 'reject' -%}
    {%- set errors = [] -%}
    {%- if rules.required -%}
        {%- do errors.append(contract_error(
            value ~ ' is null', name, 'required', severity,
            'Send a value: the contract requires this column'
        )) -%}
    {%- endif -%}
    {%- if rules.data_type -%}
        {%- do errors.append(data_type_error(name, rules.data_type, severity)) -%}
    {%- endif -%}
    {%- if rules.data_type == 'date' and not rules.future_allowed -%}
        {%- do errors.append(contract_error(
            iso_date(value) ~ " > date '" ~ var('release_date') ~ "'",
            name, 'future_date', severity,
            'Send the day on which it happened: this one is after the release date'
        )) -%}
    {%- endif -%}
    {%- if rules.code_list -%}
        {%- do errors.append(contract_error(
            'not list_contains(code_lists.' ~ rules.code_list ~ ', ' ~ value ~ ')',
            name, 'code_list', severity,
            'Send a code of the list ' ~ rules.code_list ~ ' in seeds/codes/code_list.csv'
        )) -%}
    {%- endif -%}
    {%- if rules.format -%}
        {%- do errors.append(format_error(name, rules.format, severity)) -%}
    {%- endif -%}
    {%- if rules.maximum is defined -%}
        {%- do errors.append(contract_error(
            'abs(' ~ typed_value(value, rules) ~ ') > ' ~ rules.maximum,
            name, 'above_maximum', severity,
            'Correct the number: the contract believes none above ' ~ rules.maximum
        )) -%}
    {%- endif -%}
    {%- if rules.differs_from -%}
        {%- do errors.append(contract_error(
            value ~ ' = landed.' ~ rules.differs_from,
            name, 'same_as_' ~ rules.differs_from, severity,
            'Send the value of this person, or nothing: this is that of ' ~ rules.differs_from
        )) -%}
    {%- endif -%}
    {{ return(errors) }}
{%- endmacro -%}


{%- macro data_type_error(name, data_type, severity) -%}
    {%- set value = 'landed.' ~ name -%}
    {%- set typed = {
        'date': [iso_date(value), 'Send the date as YYYY-MM-DD, a day that exists'],
        'time': [iso_time(value), 'Send the time as HH:MM or HH:MM:SS, 24 hours'],
        'timestamp': [
            iso_timestamp(value), 'Send the time as YYYY-MM-DDTHH:MM:SS, a day that exists'
        ],
        'integer': [whole_number(value), 'Send a whole number without sign or decimals'],
        'decimal': [decimal_number(value), 'Send a number with a point and at most five decimals']
    } -%}
    {{ return(contract_error(
        value ~ ' is not null and ' ~ typed[data_type][0] ~ ' is null',
        name, data_type ~ '_format', severity, typed[data_type][1]
    )) }}
{%- endmacro -%}


{%- macro format_error(name, format, severity) -%}
    {%- set value = 'landed.' ~ name -%}
    {%- set tests = {
        'nhs_number': [
            'not ' ~ valid_nhs_number(value), 'nhs_number_modulus_11',
            'Trace the person again: the number fails modulus 11'
        ],
        'postcode': [
            'not ' ~ valid_postcode(value),
            'postcode_format', 'Send the postcode in capitals with one space before the last three'
        ],
        'snomed_code': [
            'not ' ~ valid_snomed_code(value),
            'snomed_code_format', 'Send a SNOMED CT concept identifier with its check digit'
        ],
        'snomed_code_sequence': [
            "len(list_filter(string_split(" ~ value ~ ", ';'), lambda code : not "
            ~ valid_snomed_code('code') ~ ")) > 0",
            'snomed_code_sequence_format',
            'Send SNOMED CT concept identifiers with their check digits and ; between them'
        ]
    } -%}
    {%- set code_format = code_formats().get(format) -%}
    {%- if code_format -%}
        {%- do tests.update({format: [
            'not ' ~ has_code_form(value, code_format), format ~ '_format',
            'Send ' ~ code_format.sent_as
        ]}) -%}
    {%- endif -%}
    {%- set condition, rule, what_to_do = tests[format] -%}
    {{ return(contract_error(condition, name, rule, severity, what_to_do)) }}
{%- endmacro -%}


{%- macro date_order_error(earlier, later) -%}
    {%- set first = iso_date('landed.' ~ earlier) -%}
    {%- set second = iso_date('landed.' ~ later) -%}
    {{ return(contract_error(
        first ~ ' > ' ~ second ~ ' and not ' ~ is_default_date(first)
        ~ ' and not ' ~ is_default_date(second),
        later, 'date_order', 'reject',
        'Correct one of the two dates: ' ~ later ~ ' is before ' ~ earlier
    )) }}
{%- endmacro -%}


{#- When an error occurs, and what it says: the column and the rule, never the value. -#}
{%- macro contract_error(condition, column_name, rule, severity, what_to_do) -%}
    {%- set content -%}
        {
            'column_name': '{{ column_name }}',
            'rule': '{{ rule }}',
            'severity': '{{ severity }}',
            'what_to_do': '{{ what_to_do }}'
        }
    {%- endset -%}
    {{ return({'condition': '(' ~ condition ~ ')', 'content': content}) }}
{%- endmacro -%}


{%- macro is_rejected(errors) -%}
    len(list_filter({{ errors }}, lambda error : struct_extract(error, 'severity') = 'reject')) > 0
{%- endmacro -%}


{#- True where a row was refused because the person objects: such rows are counted by that name,
    whatever else is wrong with them. -#}
{%- macro is_refused_objector(feed, errors) -%}
    {%- set kind = input_contract(feed).objection_kind -%}
    {%- if kind -%} {{ breaks_rule(errors, kind ~ '_objection') }}
    {%- else -%} false
    {%- endif -%}
{%- endmacro -%}


{#- True where a row breaks a rule of that name. -#}
{%- macro breaks_rule(errors, rule) -%}
    len(list_filter(
                {{ errors }}, lambda error : struct_extract(error, 'rule') = '{{ rule }}'
            )) > 0
{%- endmacro -%}
