{% macro published_cells() %}
    select
        {{ cell_id(
            activity_by_provider_coordinates()
        ) }} as cell_id,
        status,
        records,
        people,
        bed_days
    from {{ ref('mart_activity_by_provider') }}
    union all
    select
        {{ cell_id(
            activity_by_age_sex_coordinates()
        ) }} as cell_id,
        status,
        records,
        people,
        bed_days
    from {{ ref('mart_activity_by_age_sex') }}
{% endmacro %}
