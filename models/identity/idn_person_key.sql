{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with

identity as (
    select
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
    union
    select
        identity_type,
        identity_value
    from {{ ref('idn_second_identity') }}
),

new_identity as (
    select
        identity_type,
        identity_value
    from identity
    {% if is_incremental() %}
        anti join {{ this }} as known using (identity_type, identity_value)
    {% endif %}
),

final as (
    select
        identity_type,
        identity_value,
        {{ keyed_identifier(
            var('person_key_name'), ["'person'", 'identity_type', 'identity_value']
        ) }} as person_key
    from new_identity
)

select * from final
