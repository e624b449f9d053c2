"""Problems of what `retention` says, in a campaign or in policy.yaml."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "not_a_period": (
        "`{key}` is {value}; write days, months or years, such as 400d, 18mo or 5y",
        "« {key} » vaut {value} ; écrivez des jours, des mois ou des années, par exemple 400d, 18mo ou 5y",
        "قيمة «{key}» هي {value}؛ اكتب أيامًا أو أشهرًا أو سنوات، مثل 400d أو 18mo أو 5y",
    ),
    "retention_longer": (
        "{value} is longer than the {most} for which policy.yaml keeps it; write at most {most}, or leave it out",
        "{value} dépasse les {most} pendant lesquels policy.yaml le garde ; écrivez au plus {most}, ou rien",
        "{value} أطول من {most} التي يحتفظ بها policy.yaml؛ اكتب {most} على الأكثر أو احذف المفتاح",
    ),
    "retention_evidence_shorter": (
        "the evidence is kept for {evidence}, less than the personal data's {personal_data}; "
        "keep the evidence at least as long",
        "les preuves sont gardées {evidence}, moins que les données personnelles ({personal_data}) ; "
        "gardez-les au moins aussi longtemps",
        "تُحفظ الأدلة {evidence} وهي أقصر من مدة البيانات الشخصية {personal_data}؛ احفظ الأدلة المدة نفسها على الأقل",
    ),
}
