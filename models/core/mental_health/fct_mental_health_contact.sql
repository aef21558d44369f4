-- A referral may have many contacts; each contact stands alone where its person has no referral.
{{ care_contacts(ref('hnd_mental_health_contact'), ref('fct_mental_health_referral')) }}
