-- A referral may have many contacts; each contact stands alone where its person has no referral.
{{ care_contacts(ref('hnd_community_contact'), ref('fct_community_referral')) }}
