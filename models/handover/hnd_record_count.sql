-- Records that crossed the wall, counted feed by feed: care by the key of each record, records of
-- no person by the submission that their hand-over table names, those of registers by what they say
-- of whom. What a register says twice of one person crosses once.
with care as (
    {%- for feed in care_feeds() %}
        select
            record.feed,
            record.submission_id,
            count(*) as handed_over
        from {{ ref('idn_record') }} as record
        inner join {{ ref('hnd_' ~ feed) }} as crossed
            on record.record_key = crossed.record_key
        where record.feed = '{{ feed }}'
        group by
            record.feed,
            record.submission_id
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

whole as (
    {%- for feed in whole_feeds() %}
        select
            '{{ feed }}' as feed,
            submission_id,
            count(*) as handed_over
        from {{ ref('hnd_' ~ feed) }}
        group by submission_id
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

person as (
    select
        'person' as feed,
        person.submission_id,
        count(*) as handed_over
    from {{ ref('idn_person') }} as person
    inner join {{ ref('hnd_person') }} as crossed
        on person.person_key = crossed.person_key
    group by person.submission_id
),

person_of_row as (
    select
        trace.feed,
        trace.submission_id,
        trace.source_row,
        person_key.person_key
    from {{ ref('idn_trace') }} as trace
    inner join {{ ref('idn_person_key') }} as person_key using (identity_type, identity_value)
    where trace.feed in ('gp_registration', 'objection')
),

said as (
    select
        person_of_row.feed,
        registration.submission_id,
        row_number() over (
            partition by
                person_of_row.person_key,
                registration.practice_code,
                registration.registered_from,
                registration.registered_to
            order by registration.submission_id, registration.source_row
        ) as turn
    from {{ ref('stg_gp_registration') }} as registration
    inner join person_of_row
        on
            registration.submission_id = person_of_row.submission_id
            and registration.source_row = person_of_row.source_row
            and person_of_row.feed = 'gp_registration'
    inner join {{ ref('hnd_registration') }} as crossed
        on
            person_of_row.person_key = crossed.person_key
            and registration.practice_code is not distinct from crossed.practice_code
            and registration.registered_from is not distinct from crossed.registered_from
            and registration.registered_to is not distinct from crossed.registered_to
    union all
    select
        person_of_row.feed,
        objection.submission_id,
        row_number() over (
            partition by
                person_of_row.person_key,
                objection.kind,
                objection.valid_from,
                objection.valid_to
            order by objection.submission_id, objection.source_row
        ) as turn
    from {{ ref('stg_objection') }} as objection
    inner join person_of_row
        on
            objection.submission_id = person_of_row.submission_id
            and objection.source_row = person_of_row.source_row
            and person_of_row.feed = 'objection'
    inner join {{ ref('hnd_objection') }} as crossed
        on
            person_of_row.person_key = crossed.person_key
            and objection.kind is not distinct from crossed.kind
            and objection.valid_from is not distinct from crossed.valid_from
            and objection.valid_to is not distinct from crossed.valid_to
),

register as (
    select
        feed,
        submission_id,
        count(*) filter (where turn = 1) as handed_over,
        count(*) filter (where turn > 1) as repeated
    from said
    group by
        feed,
        submission_id
),

final as (
    select
        feed,
        submission_id,
        handed_over,
        0::bigint as repeated
    from care
    union all
    select
        feed,
        submission_id,
        handed_over,
        0::bigint as repeated
    from whole
    union all
    select
        feed,
        submission_id,
        handed_over,
        0::bigint as repeated
    from person
    union all
    select
        feed,
        submission_id,
        handed_over,
        repeated
    from register
)

select * from final
