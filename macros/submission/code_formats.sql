{#- Written from safe_haven/load/code_formats.yml: do not edit, run
    `./run contracts` -#}
{%- macro code_formats() -%}
    {%- set formats = {
        "organisation_code": {"pattern": "[A-Z0-9]{3}|[A-Z]|[0-9][A-Z0-9]{4}|[A-Z][0-9][A-Z0-9]{3}|[A-Z]{2}[0-9][A-Z0-9]{2}|[A-Z]{3}[0-9][A-Z0-9]|[A-Z]{4}[0-9]|[NRT][A-Z]{4}|[A-Z][0-9][A-Z][0-9][A-Z]00|[A-Z][0-9]{5}([0-9]{3})?|[ENSW][0-9]{8}", "sent_as": "the code of an organisation, in capitals and digits", "reserved": ["ALL"]},
        "site_code": {"pattern": "[A-Z0-9]{2,5}|[A-Z][0-9]{5}", "sent_as": "the code of a site, in capitals and digits", "reserved": ["ALL"]},
        "primary_care_network_code": {"pattern": "U[A-Z0-9]{5}", "sent_as": "the code of a primary care network, U and five characters"},
        "area_code": {"pattern": "[EKNSW][0-9]{8}", "sent_as": "the nine characters of the area"},
        "lsoa_code": {"pattern": "[EW]01[0-9]{6}|S01[0-9]{6}|95[A-Z0-9]{6}", "sent_as": "the code of the area, or nothing"},
        "icd10_code": {"pattern": "[A-Z][0-9]{2}([.]?[0-9X][0-9]?)?[AD]?", "sent_as": "an ICD-10 code, in capitals"},
        "icd10_sequence": {"pattern": "([A-Z][0-9]{2}([.]?[0-9X][0-9]?)?[AD]?)(;([A-Z][0-9]{2}([.]?[0-9X][0-9]?)?[AD]?))*", "sent_as": "ICD-10 codes with ; between them, in capitals, no spaces"},
        "opcs4_code": {"pattern": "[A-Z][0-9]{2}([.]?[0-9])?", "sent_as": "an OPCS-4 code, in capitals"},
        "opcs4_item": {"pattern": "[A-Z][0-9]{2}([.]?[0-9])?(@[0-9]{4}-[0-9]{2}-[0-9]{2})?", "sent_as": "an OPCS-4 code, in capitals, and after an @ its day as YYYY-MM-DD"},
        "opcs4_sequence": {"pattern": "([A-Z][0-9]{2}([.]?[0-9])?(@[0-9]{4}-[0-9]{2}-[0-9]{2})?)(;([A-Z][0-9]{2}([.]?[0-9])?(@[0-9]{4}-[0-9]{2}-[0-9]{2})?))*", "sent_as": "OPCS-4 codes with ; between them and their days after an @, in capitals, no spaces"},
        "healthcare_resource_group": {"pattern": "[A-Z]{2}[0-9]{2}[A-Z]|[A-Z][0-9]{2}", "sent_as": "the code of a healthcare resource group"},
        "treatment_function_code": {"pattern": "[0-9]{3}|&", "sent_as": "the three digits of the specialty"},
        "specialised_service_code": {"pattern": "(NCB|CCG)[A-Z]{2}[A-Z0-9]{3}[A-Z]?(_[A-Z]{3})?|99999999", "sent_as": "the code of the service"},
        "national_code": {"pattern": "[A-Z]?[0-9]{1,3}", "sent_as": "a national code, a letter at most and one to three digits"},
        "up_to_four_digits": {"pattern": "[0-9]{1,4}", "sent_as": "one to four digits"},
        "disposition_code": {"pattern": "Dx[0-9]{2,5}", "sent_as": "Dx and two to five digits"},
        "bnf_code": {"pattern": "[0-9]{7}[A-Z0-9]{8}|[0-9]{11}", "sent_as": "a BNF code of 15 characters, or 11 digits of an appliance", "long": true},
        "bnf_chemical_substance": {"pattern": "[0-9]{7}[A-Z0-9]{2}|[0-9]{4}", "sent_as": "the first nine characters of a BNF code, or four digits of a group of appliances"},
        "care_home_code": {"pattern": "1-[0-9]{9,11}", "sent_as": "the identifier of the location, 1- and nine to eleven digits", "long": true},
        "register_code": {"pattern": "[A-Z0-9]{1,2}", "sent_as": "one or two characters"},
        "indicator_code": {"pattern": "[A-Z]{2,5}([0-9]{3})?", "sent_as": "two to five capitals, and three digits of an indicator"},
        "financial_year": {"pattern": "[0-9]{4}/[0-9]{2}", "sent_as": "the year as YYYY/YY"},
        "published_text": {"pattern": "[A-Za-z0-9(\\x{C0}-\\x{24F}][ -~\u00a3\\x{C0}-\\x{24F}\\x{2010}-\\x{2019}]{0,249}", "sent_as": "the name as it is published, without a number of ten digits", "no_number": true},
    } -%}
    {{ return(formats) }}
{%- endmacro -%}
