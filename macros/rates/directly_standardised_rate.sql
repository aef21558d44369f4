{#- Directly standardised rates over the age bands of a group: aggregate expressions, one row of the
    group a band. A rate that would rest on fewer than ten events is not given (NULL), nor one of a
    band without people, of a negative number, or of a band with a value missing. -#}
{%- macro directly_standardised_rate(events, population, weight, multiplier) -%}
    case
        when {{ is_rate_given(events, population, weight) }}
            then {{ multiplier }} * sum({{ weight }}::double * {{ events }} / {{ population }})
                / sum({{ weight }})
    end
{%- endmacro -%}


{#- A confidence limit of the rate by Dobson's method: Byar's limit of the number of events, scaled by
    the variance of the rate. `limit` is lower or upper, `deviations` the standard normal quantile. -#}
{%- macro directly_standardised_rate_limit(
    events, population, weight, multiplier, limit, deviations
) -%}
    case
        when {{ is_rate_given(events, population, weight) }}
            then {{ multiplier }} * (
                sum({{ weight }}::double * {{ events }} / {{ population }}) / sum({{ weight }})
                + sqrt(
                    sum({{ weight }}::double ^ 2 * {{ events }} / {{ population }}::double ^ 2)
                    / sum({{ weight }})::double ^ 2
                    / sum({{ events }})
                ) * ({{ byars_limit('sum(' ~ events ~ ')', limit, deviations) }} - sum({{ events }}))
            )
    end
{%- endmacro -%}


{#- Byar's confidence limit of a Poisson count of at least ten. -#}
{%- macro byars_limit(events, limit, deviations) -%}
    {%- set count = events if limit == 'lower' else '(' ~ events ~ ' + 1)' -%}
    {%- set sign = '-' if limit == 'lower' else '+' -%}
    {{ count }} * (
        1 - 1.0::double / (9 * {{ count }})
        {{ sign }} {{ deviations }}::double / (3 * sqrt({{ count }}))
    ) ^ 3
{%- endmacro -%}


{#- Whether a rate may be given. -#}
{%- macro is_rate_given(events, population, weight) -%}
    sum({{ events }}) >= 10
            and min({{ events }}) >= 0
            and min({{ population }}) > 0
            and min({{ weight }}) >= 0
            and count(*) = count({{ events }} + {{ population }} + {{ weight }})
{%- endmacro -%}
