{#- The code that an organisation has today. A code without a successor is its own; one that was split
    between several has none: NULL. `successor` is dim_organisation_successor, left joined on the code
    as then. -#}
{%- macro organisation_as_now(code_as_then, successor='successor') -%}
    case
            when {{ successor }}.organisation_code is null then {{ code_as_then }}
            else {{ successor }}.current_code
        end
{%- endmacro -%}


{#- The code that the provider of care has today: a site can go elsewhere than its trust, so the site's
    successor counts first. Both are dim_organisation_successor, left joined on the code as then. -#}
{%- macro provider_as_now(provider_code) -%}
    case
            when site_successor.organisation_code is not null then site_successor.current_code
            when successor.organisation_code is not null then successor.current_code
            else {{ provider_code }}
        end
{%- endmacro -%}


{#- Integrated care boards and sub-ICB locations exist from this day (Health and Care Act 2022): older
    registers list their predecessors. -#}
{%- macro integrated_care_boards_from() -%}
    date '2022-07-01'
{%- endmacro -%}
