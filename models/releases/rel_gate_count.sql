with

agreement as (
    select agreement_id
    from {{ ref('gov_agreement') }}
    where flow in ('record_level', 'controlled')
),

refused as (
    select
        agreement_id,
        person_key,
        unnest(reasons) as gate
    from {{ ref('gov_release_eligibility') }}
    where not is_allowed
),

rule as (
    select
        suppress_lo,
        suppress_hi,
        round_to
    from {{ ref('disclosure_rule') }}
    where {{ is_rule_in_force('activity', 'people') }}
),

-- A gate that refused a record of any agreement is named for each: 0 says that it refused none.
gate as (
    select distinct gate
    from refused
),

exact as (
    select
        agreement_id,
        gate,
        count(*) as records,
        count(distinct person_key) as people
    from refused
    group by
        agreement_id,
        gate
),

judged as (
    select
        agreement.agreement_id,
        gate.gate,
        coalesce(exact.records, 0) as records,
        coalesce(exact.people, 0) as people,
        rule.round_to,
        case
            when
                {{ is_primary(
                    'exact.people', 'exact.records', 'rule.suppress_lo', 'rule.suppress_hi'
                ) }}
                then 'withheld'
            else 'shown'
        end as gate_status
    from agreement
    cross join gate
    cross join rule
    left join exact
        on
            agreement.agreement_id = exact.agreement_id
            and gate.gate = exact.gate
),

final as (
    select
        agreement_id,
        gate,
        gate_status,
        {{ protected_measure('records', 'gate_status', 'round_to') }} as refused_records,
        {{ protected_measure('people', 'gate_status', 'round_to') }} as refused_people
    from judged
)

select * from final
