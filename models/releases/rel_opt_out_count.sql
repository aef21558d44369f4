with

agreement as (
    select
        agreement_id,
        opt_out_regime
    from {{ ref('gov_agreement') }}
),

-- Records that the opt-out alone keeps back: every other gate would let them through.
kept_back as (
    select
        agreement_id,
        person_key
    from {{ ref('gov_release_eligibility') }}
    where reasons = ['opted_out']
),

rule as (
    select
        suppress_lo,
        suppress_hi,
        round_to
    from {{ ref('disclosure_rule') }}
    where {{ is_rule_in_force('activity', 'people') }}
),

exact as (
    select
        agreement_id,
        count(*) as records,
        count(distinct person_key) as people
    from kept_back
    group by agreement_id
),

judged as (
    select
        agreement.agreement_id,
        coalesce(exact.people, 0) as people,
        rule.round_to,
        case
            when
                agreement.opt_out_regime = 'applied'
                and {{ is_primary(
                    'exact.people', 'exact.records', 'rule.suppress_lo', 'rule.suppress_hi'
                ) }}
                then 'withheld'
            when agreement.opt_out_regime = 'applied' then 'shown'
            else 'not_applied'
        end as opt_out_status
    from agreement
    cross join rule
    left join exact
        on agreement.agreement_id = exact.agreement_id
),

final as (
    select
        agreement_id,
        opt_out_status,
        {{ protected_measure('people', 'opt_out_status', 'round_to') }} as opted_out_people
    from judged
)

select * from final
