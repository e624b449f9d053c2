"""What requests of other systems get wrong: statements about a person, and single sends."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "body_too_large": (
        "the body is larger than {most} KB, more than a request of this kind ever needs",
        "le corps dépasse {most} Ko, plus qu'une requête de ce genre n'en a jamais besoin",
        "المحتوى أكبر من {most} ك.ب، وهو أكثر مما يحتاجه طلب من هذا النوع",
    ),
    "statement.unknown_field": (
        "`{field}` is no field here; there are {known}",
        "`{field}` n'est pas un champ ici ; il y a {known}",
        "`{field}` ليس حقلًا هنا؛ الحقول هي {known}",
    ),
    "statement.not_text": (
        "`{field}` must be a text in quotes",
        "`{field}` doit être un texte entre guillemets",
        "يجب أن يكون `{field}` نصًا بين علامتي اقتباس",
    ),
    "statement.not_list": (
        "`{field}` must be a list in square brackets",
        "`{field}` doit être une liste entre crochets",
        "يجب أن يكون `{field}` قائمة بين قوسين مربعين",
    ),
    "statement.not_object": (
        "`{field}` must be an object in curly brackets",
        "`{field}` doit être un objet entre accolades",
        "يجب أن يكون `{field}` كائنًا بين قوسين معقوفين",
    ),
    "statement.too_many": (
        "`{field}` has more than {most} entries",
        "`{field}` a plus de {most} entrées",
        "في `{field}` أكثر من {most} عنصرًا",
    ),
    "statement.attribute_name": (
        "`{field}` is no name: 1 to {most} characters without spaces",
        "`{field}` n'est pas un nom : 1 à {most} caractères, sans espace",
        "`{field}` ليس اسمًا: من 1 إلى {most} حرفًا دون مسافات",
    ),
    "statement.no_external_id": (
        "the address names nobody: put the person's external id behind /api/contacts/",
        "l'adresse ne désigne personne : mettez l'identifiant externe après /api/contacts/",
        "العنوان لا يسمّي أحدًا: ضع المعرّف الخارجي بعد /api/contacts/",
    ),
    "statement.other_external_id": (
        "the external id of the body is not the one of the address; leave it out of the body",
        "l'identifiant externe du corps n'est pas celui de l'adresse ; omettez-le du corps",
        "المعرّف الخارجي في المحتوى ليس معرّف العنوان؛ احذفه من المحتوى",
    ),
    "statement.not_erasable": (
        "`{field}` cannot be erased with null: send another phone, or an opt-out among the consents",
        "`{field}` ne s'efface pas par null : envoyez un autre numéro, ou un retrait parmi les consentements",
        "لا يُمحى `{field}` بالقيمة null: أرسل رقمًا آخر أو إلغاء اشتراك ضمن الموافقات",
    ),
    "statement.channel": (
        "“{found}” is no channel; write it like whatsapp",
        "« {found} » n'est pas un canal ; écrivez par exemple whatsapp",
        "«{found}» ليس قناة؛ اكتب مثلًا whatsapp",
    ),
    "statement.topic": (
        "“{found}” is no topic; write one like promotions, or `all` to take everything back",
        "« {found} » n'est pas un sujet ; écrivez par exemple promotions, ou `all` pour tout retirer",
        "«{found}» ليس موضوعًا؛ اكتب مثلًا promotions أو `all` لسحب كل شيء",
    ),
    "statement.change": (
        "“{found}” is no change of consent; write opt_in or opt_out",
        "« {found} » n'est pas un changement de consentement ; écrivez opt_in ou opt_out",
        "«{found}» ليس تغييرًا في الموافقة؛ اكتب opt_in أو opt_out",
    ),
    "statement.exact_time": (
        "“{found}” does not say exactly when they opted out; write it like 2026-12-01T09:30:00Z",
        "« {found} » ne dit pas exactement quand elle s'est désinscrite ; écrivez 2026-12-01T09:30:00Z",
        "«{found}» لا يحدد بالضبط وقت إلغاء الاشتراك؛ اكتبه مثل 2026-12-01T09:30:00Z",
    ),
    "statement.source": (
        "say where the consent was given or taken back, such as the name of the form",
        "dites où le consentement a été donné ou retiré, par exemple le nom du formulaire",
        "اذكر أين أُعطيت الموافقة أو سُحبت، مثل اسم النموذج",
    ),
    "statement.phone_taken": (
        "this number is another person's; correct the one or the other",
        "ce numéro est celui d'une autre personne ; corrigez l'une ou l'autre",
        "هذا الرقم لشخص آخر؛ صحّح أحدهما",
    ),
    "statement.renamed": (
        "this person is known under another external id; use that one",
        "cette personne est connue sous un autre identifiant externe ; utilisez celui-là",
        "هذا الشخص معروف بمعرّف خارجي آخر؛ استخدم ذلك المعرّف",
    ),
    "host_foreign": (
        "this server answers on this machine only, not under the name {host}; use localhost, or serve with a token",
        "ce serveur ne répond que sur cette machine, pas sous le nom {host} ; utilisez localhost, ou servez avec un jeton",
        "هذا الخادم يجيب على هذا الجهاز فقط لا باسم {host}؛ استعمل localhost أو شغّله برمز",
    ),
    "origin_foreign": (
        "a page of another site ({origin}) may not ask this; if it is yours, give its requests a token",
        "une page d'un autre site ({origin}) ne peut pas demander cela ; si elle est à vous, donnez-lui un jeton",
        "لا يجوز لصفحة من موقع آخر ({origin}) أن تطلب هذا؛ إن كانت لك فأعطِ طلباتها رمزًا",
    ),
    "token_name": (
        "a token needs a name of 1 to {most} characters, such as the system that will use it",
        "un jeton a besoin d'un nom de 1 à {most} caractères, comme le système qui l'utilisera",
        "يحتاج الرمز إلى اسم من 1 إلى {most} حرفًا، كاسم النظام الذي سيستعمله",
    ),
    "token_unknown": (
        "there is no token {token}; carillon token list shows them",
        "il n'y a pas de jeton {token} ; carillon token list les montre",
        "لا يوجد رمز {token}؛ يعرضها carillon token list",
    ),
    "token_too_many": (
        "{most} tokens were made already, and no number is used twice",
        "{most} jetons ont déjà été créés, et aucun numéro ne sert deux fois",
        "أُنشئ {most} رمز من قبل، ولا يُستعمل رقم مرتين",
    ),
    "single_key": (
        "a send needs a key of 1 to {most} characters, such as order-4711-shipped, by which it is sent once",
        "un envoi a besoin d'une clé de 1 à {most} caractères, comme order-4711-shipped, pour partir une seule fois",
        "يحتاج الإرسال إلى مفتاح من 1 إلى {most} حرفًا، مثل order-4711-shipped، كي يُرسل مرة واحدة",
    ),
    "single_contact": (
        "say to whom: `contact` is an external id or a phone number, of 1 to {most} characters",
        "dites à qui : `contact` est un identifiant externe ou un téléphone, de 1 à {most} caractères",
        "حدد المستلم: `contact` معرّف خارجي أو رقم هاتف، من 1 إلى {most} حرفًا",
    ),
    "single_key_taken": (
        "this key was used for another request ({send}); give every message a key of its own",
        "cette clé a servi pour une autre demande ({send}) ; donnez à chaque message sa propre clé",
        "استُعمل هذا المفتاح لطلب آخر ({send})؛ أعطِ كل رسالة مفتاحًا خاصًا بها",
    ),
    "single_unknown": (
        "there is no send {send}; its name is in the answer to the request that asked for it",
        "il n'y a pas d'envoi {send} ; son nom est dans la réponse à la demande",
        "لا يوجد إرسال {send}؛ اسمه في جواب الطلب الذي أنشأه",
    ),
    "single_parameter_unused": (
        "no text of the campaign reads `{name}`; they read: {known}",
        "aucun texte de la campagne ne lit `{name}` ; ils lisent : {known}",
        "لا يقرأ أي نص في الحملة `{name}`؛ النصوص تقرأ: {known}",
    ),
    "single_parameter_empty": (
        "the parameter `{name}` is empty; give it a text or leave it out",
        "le paramètre `{name}` est vide ; donnez-lui un texte ou omettez-le",
        "المعامل `{name}` فارغ؛ أعطه نصًا أو احذفه",
    ),
    "single_parameter_unsendable": (
        "WhatsApp does not take the parameter `{name}`: {detail}",
        "WhatsApp n'accepte pas le paramètre `{name}` : {detail}",
        "لا يقبل واتساب المعامل `{name}`: {detail}",
    ),
}
