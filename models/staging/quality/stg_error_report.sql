-- Every broken rule, by file and row. Names only: a value never enters this table.
with submission as (
    select
        submission_id,
        file_name
    from {{ ref('stg_submission') }}
),

row_error as (
    select
        submission_id,
        source_row,
        feed,
        unnest(errors) as error
    from {{ ref('stg_row_error') }}
),

final as (
    select
        row_error.submission_id,
        submission.file_name,
        row_error.feed,
        row_error.source_row,
        struct_extract(row_error.error, 'column_name') as column_name,
        -- `rule` is the sender's word for it and no keyword in DuckDB or Spark
        struct_extract(row_error.error, 'rule') as rule, -- noqa: RF04
        struct_extract(row_error.error, 'severity') as severity,
        struct_extract(row_error.error, 'what_to_do') as what_to_do
    from row_error
    inner join submission on row_error.submission_id = submission.submission_id
)

select * from final
