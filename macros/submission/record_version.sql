{#- When a row takes its place among the versions of its record: a bulk row when its file was
    extracted, a net row when its change applied at the sender. -#}
{%- macro version_time() -%}
    case
        when submission.protocol = 'bulk' then submission.extract_at
        else coalesce(
            checked.applicable_at, submission.applicable_at, submission.extract_at
        )
    end
{%- endmacro -%}


{#- The window over the later versions of the same record at the same sender, the next one last.
    The order is total, so that shuffling the input changes nothing. A refused row is no version. -#}
{%- macro later_versions(record_key) -%}
    (
        partition by sender_organisation_code, {{ record_key | join(', ') }}, is_rejected
        order by version_at desc, submission_id desc, source_row desc
        rows between unbounded preceding and 1 preceding
    )
{%- endmacro -%}


{#- The first day on which a bulk file was known that replaces the row, NULL where none does: one
    that is later in the same total order. A file that names a prime recipient replaces what was
    sent for that recipient. Expects `versioned`, and `bulk_day` for the row's sender, group and
    activity date. -#}
{%- macro replaced_on() -%}
    list_min(list_transform(
            list_filter(
                bulk_day.bulk_files,
                lambda bulk_file :
                    (
                        bulk_file.extract_at > versioned.version_at
                        or (
                            bulk_file.extract_at = versioned.version_at
                            and bulk_file.submission_id > versioned.submission_id
                        )
                    )
                    and coalesce(
                        bulk_file.prime_recipient_code = versioned.prime_recipient_code,
                        bulk_file.prime_recipient_code is null
                    )
            ),
            lambda bulk_file : bulk_file.received_on
        ))
{%- endmacro -%}


{#- What became of a row, one name each, so that the names add up to the rows. -#}
{%- macro record_fate() -%}
    case
            when is_rejected then 'rejected'
            when is_delete then 'delete_request'
            when replaced_on is not null then 'replaced_by_bulk'
            when superseded_on is null then 'accepted'
            when is_next_a_delete then 'deleted'
            else 'superseded'
        end
{%- endmacro -%}
