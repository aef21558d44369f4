{#- Weekly band of a wait: band 1 is 0 to 7 days, band n is more than n - 1 and at most n weeks. All
    waits of more than 104 weeks are band 105. -#}
{%- macro week_band(days_waited) -%}
    least(greatest(ceil({{ days_waited }} / 7.0)::integer, 1), 105)
{%- endmacro -%}


{#- Bands 1 to 18 are within 18 weeks: at most 126 days. -#}
{%- macro is_within_18_weeks(week_band) -%}
    {{ week_band }} <= 18
{%- endmacro -%}


{#- The wait, in weeks, that a share of the pathways has not exceeded, by interpolation inside the
    weekly band in which the share is reached. An aggregate over rows of one band each, with columns
    week_band, pathways, pathways_so_far (with this band) and pathways_in_all. 104 where it falls
    into the last band, which has no upper end. -#}
{%- macro interpolated_weeks(share) -%}
    least(
            arg_min(
                week_band - 1
                + ({{ share }} * pathways_in_all - (pathways_so_far - pathways)) / pathways,
                week_band
            ) filter (where pathways > 0 and pathways_so_far >= {{ share }} * pathways_in_all),
            104
        )::double
{%- endmacro -%}
