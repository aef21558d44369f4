with

entitlement as (
    select
        agreement_id,
        recipient_code,
        data_set,
        commissioner_code,
        period_start,
        period_end
    from {{ ref('gov_entitlement') }}
    where
        flow = 'aggregate'
        and is_allowed
),

sub_icb as (
    select
        sub_icb_code,
        icb_code
    from {{ ref('dim_commissioner') }}
),

successor as (
    select
        organisation_code as icb_code,
        current_code
    from {{ ref('dim_organisation_successor') }}
),

-- the board of a sub-ICB, or the one that took it over whole
entitled_sub_icb as (
    select
        entitlement.agreement_id,
        entitlement.data_set,
        sub_icb.icb_code,
        sub_icb.sub_icb_code,
        entitlement.period_start,
        entitlement.period_end
    from entitlement
    inner join sub_icb
        on entitlement.commissioner_code = sub_icb.sub_icb_code
    left join successor using (icb_code)
    where
        entitlement.recipient_code = sub_icb.icb_code
        or entitlement.recipient_code = successor.current_code
),

sub_icb_count as (
    select
        icb_code,
        count(*) as sub_icbs
    from sub_icb
    group by icb_code
),

-- A total less the parts one may see gives the part one may not: a total is owed with all parts.
entitled_icb as (
    select
        entitled_sub_icb.agreement_id,
        entitled_sub_icb.data_set,
        entitled_sub_icb.icb_code,
        'ALL' as sub_icb_code,
        entitled_sub_icb.period_start,
        entitled_sub_icb.period_end
    from entitled_sub_icb
    inner join sub_icb_count using (icb_code)
    group by
        entitled_sub_icb.agreement_id,
        entitled_sub_icb.data_set,
        entitled_sub_icb.icb_code,
        entitled_sub_icb.period_start,
        entitled_sub_icb.period_end,
        sub_icb_count.sub_icbs
    having count(distinct entitled_sub_icb.sub_icb_code) = sub_icb_count.sub_icbs
),

nation as (
    select distinct
        agreement_id,
        data_set,
        'ALL' as icb_code,
        'ALL' as sub_icb_code,
        period_start,
        period_end
    from entitled_sub_icb
),

final as (
    select * from entitled_sub_icb
    union all
    select * from entitled_icb
    union all
    select * from nation
)

select * from final
