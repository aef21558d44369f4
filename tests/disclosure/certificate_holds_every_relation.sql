-- What: the relations under which the certificate is proved are those that a reader of the
-- published tables can write down.
-- When it matters: on every build, before every release. No solver is used.
-- How to resolve: stop the release; sdc_relation leaves out what a reader adds up.
with

of_reader as (
    {{ relations_of_linked_tables('mart') }}
),

of_certificate as (
    select
        total_cell_id,
        relation_id,
        part_cell_id,
        block,
        part_is_published,
        people_adds,
        across_readers
    from {{ ref('sdc_relation') }}
),

lacking as (
    select * from of_reader
    except
    select * from of_certificate
),

invented as (
    select * from of_certificate
    except
    select * from of_reader
)

select
    relation_id,
    part_cell_id
from lacking
union all
select
    relation_id,
    part_cell_id
from invented
