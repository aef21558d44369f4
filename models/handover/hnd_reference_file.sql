with

reference_file as (
    select
        reference_list,
        submission_id,
        layout,
        file_name,
        vintage,
        received_on,
        row_count,
        refused_row_count,
        is_in_use,
        reason_not_used
    from {{ ref('stg_reference_file') }}
),

final as (
    select
        reference_list,
        submission_id,
        layout,
        file_name,
        vintage,
        received_on,
        row_count,
        refused_row_count,
        is_in_use,
        reason_not_used
    from reference_file
)

select * from final
