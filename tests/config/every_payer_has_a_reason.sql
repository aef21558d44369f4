-- What: for every end of the flow chart and everything its payer can be derived from, cam_reason
-- has the text, and nobody-found has one too.
-- When it matters: when an outcome is added, or its payer rule changes.
-- How to resolve: add the missing row to seeds/rules/cam_reason.csv.
with possible_basis as (
    select
        box,
        answer,
        unnest(case
            when payer_rule = 'fixed' then ['national_code']
            when payer_rule in ('host_sub_icb', 'hub_of_provider')
                then ['provider_host', 'not_established']
            when payer_rule in ('local_authority', 'devolved_specialised_body')
                then ['residence', 'not_established']
            when payer_rule = 'devolved_body' then ['gp_practice', 'residence', 'not_established']
            when payer_rule = 'outside_the_method' then ['not_established']
            else ['gp_practice', 'residence', 'provider_host', 'not_established']
        end) as basis
    from {{ ref('cam_outcome') }}
)

select
    coalesce(possible_basis.box, given_reason.box) as box_code,
    coalesce(possible_basis.answer, given_reason.answer) as answer,
    coalesce(possible_basis.basis, given_reason.basis) as basis
from possible_basis
full join {{ ref('cam_reason') }} as given_reason
    on
        possible_basis.box = given_reason.box
        and possible_basis.answer = given_reason.answer
        and possible_basis.basis = given_reason.basis
where possible_basis.box is null or given_reason.box is null
