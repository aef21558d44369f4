-- What: rows in = rows out + named exclusions at every step of every feed: received, staged, handed
-- over, in the core fact, counted as activity; each step begins with what the one before left; and
-- no feed lacks a step for which there is a model.
-- When it matters: on every build; a row lost on the way is a patient's care that nobody counts.
-- How to resolve: look at the step of the feed in dq_reconciliation; a join drops or repeats rows,
-- a rule that leaves rows out is missing in dq_left_out, or a feed in the macros of feeds.sql.
{%- set models = [] %}
{%- for node in graph.nodes.values() if execute and node.resource_type == 'model' %}
    {%- do models.append(node.name) %}
{%- endfor %}
{%- set model_of_step = [] %}
{%- for feed in input_contracts() %}
    {%- for step, model in [
        ('2 handed over', hand_over_model(feed)),
        ('3 core', core_model(feed)),
        ('4 activity', core_model(feed)),
    ] if model in models %}
        {%- do model_of_step.append((feed, step)) %}
    {%- endfor %}
{%- endfor %}
with

step as (
    select
        feed,
        step,
        rows_in,
        stays_behind_wall,
        rows_out,
        unexplained,
        lag(rows_out) over (partition by feed order by step) as rows_out_before
    from {{ ref('dq_reconciliation') }}
),

received as (
    select feed
    from step
    where step = '1 staged'
),

missing as (
    select
        feed,
        step
    from (
        {%- for feed, step in model_of_step %}
            select
                '{{ feed }}' as feed,
                '{{ step }}' as step
            {{- '\n            union all' if not loop.last }}
        {%- endfor %}
    )
    where feed in (select received.feed from received)
    except
    select
        feed,
        step
    from step
    where stays_behind_wall = 0
)

select
    feed,
    step,
    rows_in,
    rows_out,
    unexplained,
    rows_out_before
from step
where unexplained <> 0 or rows_in <> rows_out_before
union all
select
    feed,
    step,
    null as rows_in,
    null as rows_out,
    null as unexplained,
    null as rows_out_before
from missing
