{% macro feeds_of_activity() -%}
    {{ return({'outpatient': 'outpatient_appointment', 'emergency': 'emergency_attendance'}) }}
{%- endmacro %}

{% macro rows_of_activity(layer) -%}
    select
        {{ cell_id(['feed', 'provider_code', 'quarter']) }} as total_cell_id,
        'activity of ' || total_cell_id as relation_id,
        unnest([
            {{ cell_id(['point_of_delivery', 'provider_code', 'quarter']) }},
            'no activity of ' || total_cell_id
        ]) as part_cell_id,
        quarter as block,
        unnest([true, false]) as part_is_published,
        false as people_adds,
        true as across_readers
    from {{ ref(layer ~ '_activity_by_provider') }}
    inner join (
        select distinct
            published_point_of_delivery as point_of_delivery,
            case setting
                {%- for setting, feed in feeds_of_activity().items() %}
                when '{{ setting }}' then '{{ feed }}'
                {%- endfor %}
            end as feed
        from {{ ref('point_of_delivery') }}
        where setting in ('{{ feeds_of_activity() | join("', '") }}')
    ) as feed_of_activity using (point_of_delivery)
    where
        icb_code = 'ALL'
        and provider_code <> 'ALL'
{%- endmacro %}
