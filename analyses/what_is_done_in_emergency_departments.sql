-- What is done in emergency departments? Investigations and treatments by SNOMED CT code:
-- attendances with it, and their median time in the department. Duplicates are left out.
select
    done.coded_item,
    done.code,
    min(listed.label) as meaning,
    count(distinct attendance.record_key) as attendances,
    median(attendance.minutes_in_department) as median_minutes_in_department
from {{ ref('brg_emergency_code') }} as done
inner join {{ ref('fct_emergency_attendance') }} as attendance using (record_key)
left join {{ ref('emergency_care_code') }} as listed using (coded_item, code)
where
    done.coded_item in ('investigation', 'treatment')
    and not attendance.is_duplicate
group by
    done.coded_item,
    done.code
order by
    attendances desc,
    done.coded_item asc,
    done.code asc
