{% macro certified_tables() -%}
    select
        witness.block,
        witness.witness,
        base.cell_id,
        base.status,
        base.is_taken_for_small,
        coalesce(altered.people, base.people) as people,
        coalesce(altered.records, base.records) as records
    from (
        select distinct
            block,
            witness
        from {{ ref('sdc_certificate') }}
    ) as witness
    inner join {{ ref('sdc_certificate') }} as base
        on witness.block = base.block and base.witness = 0
    left join {{ ref('sdc_certificate') }} as altered
        on witness.witness = altered.witness and base.cell_id = altered.cell_id
{%- endmacro %}
