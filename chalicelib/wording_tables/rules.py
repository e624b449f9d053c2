"""Problems of rules that are pushed."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "rules_in_a_directory": (
        "this home reads its rules from the files of CARILLON_CAMPAIGNS: change them there; a push is for a home on AWS",
        "ce répertoire lit ses règles dans les fichiers de CARILLON_CAMPAIGNS : modifiez-les là ; push sert sur AWS",
        "يقرأ هذا الدليل قواعده من ملفات CARILLON_CAMPAIGNS: غيّرها هناك؛ أمر push لدليل على AWS",
    ),
    "rules_content_differs": (
        "what came is not the file whose hash begins with {content}; push again",
        "ce qui est arrivé n'est pas le fichier dont l'empreinte commence par {content} ; refaites push",
        "ما وصل ليس الملف الذي تبدأ بصمته بـ {content}؛ أعد push",
    ),
    "rules_file_name": (
        "{file} is none of the rules: senders.yaml, policy.yaml, webhooks.yaml, templates/NAME.json, media/NAME",
        "{file} n'est pas une règle : senders.yaml, policy.yaml, webhooks.yaml, templates/NOM.json, media/NOM",
        "{file} ليس من القواعد: senders.yaml أو policy.yaml أو webhooks.yaml أو templates/NAME.json أو media/NAME",
    ),
    "rules_too_many": (
        "more than {most} files at once; leave out templates and media that nobody uses",
        "plus de {most} fichiers à la fois ; retirez les modèles et médias inutilisés",
        "أكثر من {most} ملف دفعة واحدة؛ احذف القوالب والوسائط غير المستعملة",
    ),
    "rules_content_gone": (
        "the content of {file} is not in the bucket any more; push again",
        "le contenu de {file} n'est plus dans le compartiment ; refaites push",
        "محتوى {file} لم يعد في الحاوية؛ أعد push",
    ),
}
