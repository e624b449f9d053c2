"""What is said of a home on AWS: rules that are pushed. In English, French and Arabic."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str, str]] = {
    "rules_brought": ("brought: {file}", "apporté : {file}", "نُقل: {file}"),
    "rules_pushed": (
        "{count} files count from now on (version {version})",
        "{count} fichiers comptent désormais (version {version})",
        "{count} ملفات سارية من الآن (الإصدار {version})",
    ),
    "rules_unchanged": (
        "the same {count} files count already (version {version})",
        "les mêmes {count} fichiers comptent déjà (version {version})",
        "الملفات نفسها ({count}) سارية من قبل (الإصدار {version})",
    ),
    "aws_estimate": (
        "  AWS in {region}: about ${usd:.2f}, beside Meta's fee (prices of {as_of})",
        "  AWS à {region} : environ {usd:.2f} $, en plus du tarif de Meta (prix du {as_of})",
        "  كلفة AWS في {region}: نحو {usd:.2f} دولار، إضافة إلى أجرة Meta (أسعار {as_of})",
    ),
    "rules_none": (
        "{file} is missing: it names the WhatsApp numbers to send from",
        "{file} manque : il nomme les numéros WhatsApp d'envoi",
        "الملف {file} غير موجود: فيه أرقام واتساب المرسلة",
    ),
    "rules_file_large": (
        "{file} is larger than the API of a home on AWS takes; put it into its bucket, then push again",
        "{file} dépasse ce que l'API sur AWS accepte ; mettez-le dans le compartiment, puis refaites push",
        "{file} أكبر مما تقبله الواجهة على AWS؛ ضعه في الحاوية ثم أعد push",
    ),
}
