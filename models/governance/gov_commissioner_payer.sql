with

place as (
    select
        activity_key,
        residence_class,
        responsible_sub_icb_code,
        responsible_basis,
        host_sub_icb_code,
        prison_hub_code,
        prison_hub_basis,
        local_authority_code,
        devolved_body_code,
        devolved_body_basis,
        assignment_date
    from {{ ref('gov_commissioner_place') }}
),

answered as (
    select
        activity_key,
        cam_version,
        start_box,
        answers
    from {{ ref('gov_commissioner_answer') }}
),

walked as (
    select
        cam_version,
        start_box,
        answers,
        box,
        answer,
        boxes
    from {{ ref('gov_commissioner_path') }}
),

outcome as (
    select
        box,
        answer,
        payer_rule,
        fixed_code
    from {{ ref('cam_outcome') }}
),

direct_commissioner as (
    select
        sub_icb_code,
        specialised_hub_code,
        region_code,
        justice_hub_code,
        valid_from,
        valid_to
    from {{ ref('direct_commissioner') }}
),

devolved_specialised_body as (
    select
        residence_class,
        body_code
    from {{ ref('devolved_specialised_body') }}
),

by_patient as (
    select
        place.activity_key,
        direct_commissioner.specialised_hub_code,
        direct_commissioner.region_code,
        direct_commissioner.justice_hub_code
    from place
    inner join direct_commissioner
        on
            place.responsible_sub_icb_code = direct_commissioner.sub_icb_code
            and {{ in_force(
                'direct_commissioner.valid_from',
                'direct_commissioner.valid_to',
                'place.assignment_date'
            ) }}
),

by_provider as (
    select
        place.activity_key,
        direct_commissioner.specialised_hub_code
    from place
    inner join direct_commissioner
        on
            place.host_sub_icb_code = direct_commissioner.sub_icb_code
            and {{ in_force(
                'direct_commissioner.valid_from',
                'direct_commissioner.valid_to',
                'place.assignment_date'
            ) }}
),

-- Who pays, by the rule of the box in which the walk ended.
derived as (
    select
        answered.activity_key,
        answered.cam_version,
        walked.box,
        walked.answer,
        walked.boxes,
        case outcome.payer_rule
            when 'fixed' then outcome.fixed_code
            when 'responsible_sub_icb' then place.responsible_sub_icb_code
            when 'host_sub_icb' then place.host_sub_icb_code
            when 'hub_of_responsible_sub_icb' then by_patient.specialised_hub_code
            when 'hub_of_provider' then by_provider.specialised_hub_code
            when 'region_of_responsible_sub_icb' then by_patient.region_code
            when 'justice_hub' then coalesce(place.prison_hub_code, by_patient.justice_hub_code)
            when 'local_authority' then place.local_authority_code
            when 'devolved_body' then place.devolved_body_code
            when 'devolved_specialised_body' then devolved_specialised_body.body_code
        end as commissioner_code,
        case
            when outcome.payer_rule = 'fixed' then 'national_code'
            when outcome.payer_rule in ('host_sub_icb', 'hub_of_provider') then 'provider_host'
            when outcome.payer_rule in ('local_authority', 'devolved_specialised_body')
                then 'residence'
            when outcome.payer_rule = 'devolved_body' then place.devolved_body_basis
            when outcome.payer_rule = 'justice_hub'
                then coalesce(place.prison_hub_basis, place.responsible_basis)
            else place.responsible_basis
        end as basis_of_code
    from answered
    inner join walked using (cam_version, start_box, answers)
    inner join outcome using (box, answer)
    inner join place using (activity_key)
    left join by_patient using (activity_key)
    left join by_provider using (activity_key)
    left join devolved_specialised_body using (residence_class)
),

final as (
    select
        activity_key,

        cam_version,
        box,
        answer,
        boxes as boxes_visited,
        commissioner_code,
        case when commissioner_code is null then 'not_established' else basis_of_code end as basis
    from derived
)

select * from final
