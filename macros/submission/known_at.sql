{#- The day as of which the build knows what was submitted: later receipts are counted, not used. The
    default of the variable is the last day there is: everything received so far. Cuts are of care
    activity, as flex and freeze are; people, registrations, objections and places are as now. -#}
{%- macro known_at() -%}
    date '{{ var('known_at') }}'
{%- endmacro -%}


{#- Whether a version of a record was the one in use on a day (any day up to `known_at`). -#}
{%- macro is_known_at(on_date) -%}
    (
        known_from <= {{ on_date }}
        and coalesce(known_until > {{ on_date }}, true)
    )
{%- endmacro -%}
