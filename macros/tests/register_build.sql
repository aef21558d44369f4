{% macro register_build(relation) %}
    {% set register = relation.database ~ ".meta.build_register" %}
    {% set name = relation.schema ~ "." ~ relation.identifier %}
    delete from {{ register }} where relation = '{{ name }}';
    insert into {{ register }}
    select
        '{{ name }}' as relation,
        memory.main.current_build_id() as build_id,
        count(*) as row_count,
        coalesce(sum(hash(relation_row)::hugeint), 0)::varchar as content_hash
    from {{ relation }} as relation_row
{% endmacro %}
