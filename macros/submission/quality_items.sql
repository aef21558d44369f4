{#- The data items of a feed: the columns of its contract that say something of the care or the person. -#}
{%- macro data_items(feed) -%}
    {%- set names = [] -%}
    {%- for name in input_contract(feed).columns if name not in ['update_type', 'applicable_at'] -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro -%}


{#- One row per provider, month and data item of a feed: rows whose value is missing, invalid or a
    default code. A value that could not be read is invalid, not missing. What another sent in the name
    of a provider does not count. Expects `default_codes`, one row with a map from data item to list of
    codes. -#}
{%- macro quality_items(feed) -%}
    select
        '{{ feed }}' as feed,
        provider_code,
        activity_month,
        record_count,
        unnest(['{{ data_items(feed) | join("', '") }}']) as data_item,
        unnest(missing_counts) as missing_count,
        unnest(invalid_counts) as invalid_count,
        unnest(default_counts) as default_count
    from (
        select
            -- what was typed where the code goes may be a name
            if(
                list_contains(checked.invalid_columns, 'provider_code'),
                {{ unregistered_organisation() }},
                checked.provider_code
            ) as provider_code,
            {{ calendar_month('checked.' ~ input_contract(feed).event_date) }} as activity_month,
            count(*) as record_count,
            [
                {%- for name in data_items(feed) %}
                count(*) filter (
                    where checked.{{ name }} is null
                    and not list_contains(checked.invalid_columns, '{{ name }}')
                ){{ ',' if not loop.last }}
                {%- endfor %}
            ] as missing_counts,
            [
                {%- for name in data_items(feed) %}
                count(*) filter (
                    where list_contains(checked.invalid_columns, '{{ name }}')
                ){{ ',' if not loop.last }}
                {%- endfor %}
            ] as invalid_counts,
            [
                {%- for name in data_items(feed) %}
                count(*) filter (
                    where list_contains(
                        default_codes.codes['{{ name }}'], checked.{{ name }}::varchar
                    )
                    and not list_contains(checked.invalid_columns, '{{ name }}')
                ){{ ',' if not loop.last }}
                {%- endfor %}
            ] as default_counts
        from (
            select
                {%- for name in data_items(feed) %}
                {{ name }},
                {%- endfor %}
                list_transform(
                    list_filter(
                        errors, lambda error : struct_extract(error, 'rule') <> 'required'
                    ),
                    lambda error : struct_extract(error, 'column_name')
                ) as invalid_columns
            from {{ ref('stg_' ~ feed ~ '_checked') }}
            where not ({{ breaks_rule('errors', 'sender_not_allowed') }})
        ) as checked
        cross join default_codes
        group by all
    ) as counted
{%- endmacro -%}
