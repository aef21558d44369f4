-- Rows of the feed prescribing_month: the items of a few presentations at each practice, and one row
-- a month whose prescriber nobody could identify. Reads: month, person.
-- Presentations are real; items and prices are invented.
with prescriber as (
    select distinct
        practice_1 as practice_code,
        practice_commissioner_1 as sub_icb_code
    from person
    where is_registered
    union all
    select
        '' as practice_code,
        '' as sub_icb_code
),

prescribed as (
    select
        month.month_index as report_index,
        month.month_start,
        prescriber.*,
        presentation.*,
        concat(practice_code, ':', bnf_code, ':', month_start) as id,
        1 + below('items', id, 30) as item_count
    from month
    cross join prescriber
    cross join (
        values
        ('0103050P0AAAAAA', 'Omeprazole_Cap E/C 20mg', 28, 0.86, 1.0),
        ('0206020A0AAAAAA', 'Amlodipine_Tab 5mg', 28, 0.90, 1.0),
        ('0209000A0AAABAB', 'Aspirin Disper_Tab 75mg', 28, 0.62, 0.5),
        ('0212000B0AAABAB', 'Atorvastatin_Tab 20mg', 28, 0.91, 1.0),
        ('0301011R0AAAPAP', 'Salbutamol_Inha 100mcg (200 D) CFF', 1, 1.50, 50.0),
        ('0407010H0AAAMAM', 'Paracet_Tab 500mg', 100, 1.98, 0.167),
        ('1404000H0BNAAAF', 'Imuvac_Vac 0.5ml Pfs', 1, 6.59, 0.0)
    ) as presentation (bnf_code, bnf_description, quantity, price, doses)
    where practice_code <> '' or bnf_code = '0407010H0AAAMAM'
)

select
    report_index,
    true as is_plain,
    month_start::varchar as prescribing_month,
    '' as regional_office_code,
    '' as area_team_code,
    if(practice_code = '', '', concat(sub_icb_code, '00')) as commissioner_code,
    practice_code,
    substr(bnf_code, 1, 9) as bnf_chemical_substance,
    bnf_code,
    bnf_description,
    quantity::varchar as quantity,
    item_count::varchar as items,
    (quantity * item_count)::varchar as total_quantity,
    (doses * quantity * item_count)::decimal(18, 5)::varchar as average_daily_quantity_usage,
    (price * item_count)::decimal(18, 2)::varchar as net_ingredient_cost,
    (price * item_count * 0.93)::decimal(18, 5)::varchar as actual_cost,
    if(practice_code = '', 'Y', 'N') as unidentified
from prescribed
