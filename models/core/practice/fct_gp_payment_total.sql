with

payment as (
    select
        financial_year,
        practice_code,
        commissioner_code,
        primary_care_network_code,
        contract_type,
        registered_patients,
        weighted_patients,
        total_payments,
        deductions
    from {{ ref('hnd_gp_payment') }}
),

component as (
    select
        financial_year,
        practice_code,
        sum(amount)::decimal(18, 5) as component_sum
    from {{ ref('fct_gp_payment') }}
    group by
        financial_year,
        practice_code
),

final as (
    select
        payment.financial_year,
        payment.practice_code,
        payment.commissioner_code,
        payment.primary_care_network_code,
        payment.contract_type,
        payment.registered_patients,
        payment.weighted_patients,
        payment.total_payments,
        payment.deductions,
        component.component_sum,
        (payment.total_payments - component.component_sum)::decimal(18, 5) as unexplained
    from payment
    inner join component using (financial_year, practice_code)
)

select * from final
