{#- 1 for the last version of a record: the latest extract wins. The order is total, so shuffling
    the input changes nothing. -#}
{%- macro latest_record(record_key) -%}
    row_number() over (
            partition by {{ record_key | join(', ') }}
            order by extract_at desc, submission_id desc, source_row desc
        )
{%- endmacro -%}
