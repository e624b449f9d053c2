"""Why something is stopped, and what lets it go on."""

from __future__ import annotations

Texts = tuple[str, str, str]

_CAUSES: dict[str, Texts] = {
    "0 190": (
        "WhatsApp does not take the token: it is wrong or expired; put a new one in its place",
        "WhatsApp refuse le jeton : il est faux ou périmé ; mettez-en un nouveau",
        "لا يقبل واتساب الرمز: خاطئ أو منتهٍ؛ ضع رمزًا جديدًا",
    ),
    "3 10 131005 permission": (
        "the token lacks a permission; give it that in Meta's console",
        "il manque une autorisation au jeton ; donnez-la dans la console de Meta",
        "ينقص الرمز إذن؛ امنحه إياه في لوحة ميتا",
    ),
    "33 133010 131045": (
        "the number is gone, not registered, or its certificate is bad; register it again",
        "le numéro n'existe plus, n'est pas enregistré ou son certificat est mauvais ; réenregistrez-le",
        "الرقم غير موجود أو غير مسجل أو شهادته تالفة؛ سجّله من جديد",
    ),
    "368 131031": (
        "WhatsApp has blocked the account for its policy; see Meta's console",
        "WhatsApp a bloqué le compte au titre de ses règles ; voyez la console de Meta",
        "حظر واتساب الحساب وفق سياسته؛ راجع لوحة ميتا",
    ),
    "131037": (
        "WhatsApp has not approved the display name; change it in Meta's console",
        "WhatsApp n'a pas approuvé le nom affiché ; changez-le dans la console de Meta",
        "لم يوافق واتساب على الاسم الظاهر؛ غيّره في لوحة ميتا",
    ),
    "131042": (
        "WhatsApp could not charge the account; mend its payment method",
        "WhatsApp n'a pas pu débiter le compte ; corrigez son moyen de paiement",
        "لم يتمكن واتساب من الخصم من الحساب؛ أصلح وسيلة الدفع",
    ),
    "131048": (
        "too many people blocked or reported this number; write to fewer, and only to who asked for it",
        "trop de personnes ont bloqué ou signalé ce numéro ; écrivez à moins de monde, et à qui l'a demandé",
        "حظر كثيرون هذا الرقم أو أبلغوا عنه؛ راسل عددًا أقل، ومن طلب ذلك فقط",
    ),
    "131064": (
        "WhatsApp limits the account because templates had a wrong category",
        "WhatsApp limite le compte : des modèles avaient une mauvaise catégorie",
        "يقيّد واتساب الحساب لأن قوالب كانت بفئة خاطئة",
    ),
    "130497": (
        "WhatsApp does not let the account write to people of this country",
        "WhatsApp ne laisse pas le compte écrire aux personnes de ce pays",
        "لا يسمح واتساب للحساب بمراسلة أشخاص هذا البلد",
    ),
    "100 131008 131009": (
        "WhatsApp refused what fills the template, for several people; compare the file with the template",
        "WhatsApp a refusé ce qui remplit le modèle, pour plusieurs personnes ; comparez fichier et modèle",
        "رفض واتساب ما يملأ القالب لعدة أشخاص؛ قارن الملف بالقالب",
    ),
    "132000 132008 132012 132018 135000": (
        "WhatsApp refused how the template is filled; compare the file with the template, and sync",
        "WhatsApp a refusé la façon de remplir le modèle ; comparez fichier et modèle, puis synchronisez",
        "رفض واتساب طريقة ملء القالب؛ قارن الملف بالقالب ثم زامن",
    ),
    "132001": (
        "WhatsApp has no approved template of this name and language; submit it, or sync",
        "WhatsApp n'a pas de modèle approuvé de ce nom dans cette langue ; soumettez-le ou synchronisez",
        "لا يوجد لدى واتساب قالب معتمد بهذا الاسم وهذه اللغة؛ قدّمه أو زامن",
    ),
    "132007": (
        "the template's content breaks WhatsApp's policy; write another",
        "le contenu du modèle enfreint les règles de WhatsApp ; écrivez-en un autre",
        "محتوى القالب يخالف سياسة واتساب؛ اكتب غيره",
    ),
    "132015": (
        "WhatsApp has paused the template for its quality",
        "WhatsApp a mis le modèle en pause pour sa qualité",
        "أوقف واتساب القالب مؤقتًا بسبب جودته",
    ),
    "132016": (
        "WhatsApp has disabled the template for good; write another",
        "WhatsApp a désactivé le modèle pour de bon ; écrivez-en un autre",
        "عطّل واتساب القالب نهائيًا؛ اكتب غيره",
    ),
    "131051 131055 134100 131061 131063": (
        "this kind of template cannot be sent this way",
        "ce genre de modèle ne peut pas être envoyé ainsi",
        "لا يمكن إرسال هذا النوع من القوالب بهذه الطريقة",
    ),
    "ACCOUNT_RESTRICTION": (
        "WhatsApp has restricted the account; see Meta's console",
        "WhatsApp a restreint le compte ; voyez la console de Meta",
        "قيّد واتساب الحساب؛ راجع لوحة ميتا",
    ),
    "DISABLED_UPDATE": (
        "WhatsApp disables the account; ask for a review in Meta's console",
        "WhatsApp désactive le compte ; demandez un réexamen dans la console de Meta",
        "يعطّل واتساب الحساب؛ اطلب مراجعة في لوحة ميتا",
    ),
    "ACCOUNT_DELETED": (
        "the WhatsApp account was deleted",
        "le compte WhatsApp a été supprimé",
        "حُذف حساب واتساب",
    ),
    "PARTNER_REMOVED": (
        "the account was taken away from the app; connect it again",
        "le compte a été retiré de l'application ; reconnectez-le",
        "أُزيل الحساب من التطبيق؛ اربطه من جديد",
    ),
    "ACCOUNT_OFFBOARDED": (
        "the account left the platform; connect it again",
        "le compte a quitté la plateforme ; reconnectez-le",
        "غادر الحساب المنصة؛ اربطه من جديد",
    ),
    "ACCOUNT_REJECTED": (
        "WhatsApp's review rejected the account; appeal in Meta's console",
        "le réexamen de WhatsApp a rejeté le compte ; faites appel dans la console de Meta",
        "رفضت مراجعة واتساب الحساب؛ اعترض في لوحة ميتا",
    ),
    "ACCOUNTS_STOPPED": (
        "WhatsApp has stopped several accounts of it for its policy; see Meta's console before more leaves; "
        "it goes on by itself when only one of them is stopped",
        "WhatsApp en a arrêté plusieurs comptes au titre de ses règles ; voyez la console de Meta avant "
        "d'envoyer plus ; reprise d'elle-même quand un seul reste arrêté",
        "أوقف واتساب عدة حسابات منها وفق سياسته؛ راجع لوحة ميتا قبل إرسال المزيد؛ "
        "وتستأنف تلقائيًا عندما لا يبقى منها إلا حساب واحد متوقف",
    ),
    "human": ("somebody stopped it by hand", "quelqu'un l'a arrêté à la main", "أوقفه شخص يدويًا"),
}
_PERMISSIONS = " ".join(str(code) for code in range(200, 300))

TABLE: dict[str, Texts] = {
    **{
        f"stop.{cause}": texts
        for causes, texts in _CAUSES.items()
        for cause in causes.replace("permission", _PERMISSIONS).split()
    },
    "stopped.sender": (
        "sender {of} is stopped since {since} ({cause}): {why}",
        "l'expéditeur {of} est arrêté depuis {since} ({cause}) : {why}",
        "المرسل {of} متوقف منذ {since} ({cause}): {why}",
    ),
    "stopped.waba": (
        "account {of} is stopped since {since} ({cause}), with each of its senders: {why}",
        "le compte {of} est arrêté depuis {since} ({cause}), avec tous ses expéditeurs : {why}",
        "الحساب {of} متوقف منذ {since} ({cause}) مع كل مرسليه: {why}",
    ),
    "stopped.portfolio": (
        "portfolio {of} is stopped since {since} ({cause}), with each of its senders: {why}",
        "le portefeuille {of} est arrêté depuis {since} ({cause}), avec tous ses expéditeurs : {why}",
        "المحفظة {of} متوقفة منذ {since} ({cause}) مع كل مرسليها: {why}",
    ),
    "stopped.template": (
        "template {of} is stopped since {since} ({cause}): {why}",
        "le modèle {of} est arrêté depuis {since} ({cause}) : {why}",
        "القالب {of} متوقف منذ {since} ({cause}): {why}",
    ),
    "stopped.unapproved": (
        "template {of} is not approved since {since}",
        "le modèle {of} n'est pas approuvé depuis {since}",
        "القالب {of} غير معتمد منذ {since}",
    ),
    "stopped.country": (
        "people of {of} are not written to since {since} ({cause}): {why}",
        "on n'écrit plus aux personnes de {of} depuis {since} ({cause}) : {why}",
        "لا يُراسَل أشخاص {of} منذ {since} ({cause}): {why}",
    ),
    "stop_until": (
        "it goes on by itself at {until}",
        "reprise d'elle-même à {until}",
        "يستأنف تلقائيًا في {until}",
    ),
    "stop_until_approved": (
        "it goes on by itself when WhatsApp approves it",
        "reprise d'elle-même quand WhatsApp l'approuve",
        "يستأنف تلقائيًا عندما يوافق عليه واتساب",
    ),
    "stop_until_resumed": (
        "then: carillon resume --stop {stop}",
        "ensuite : carillon resume --stop {stop}",
        "بعد ذلك: carillon resume --stop {stop}",
    ),
    "stop_unknown": (
        "nothing is stopped under the name {stop}; carillon stops lists what is",
        "rien n'est arrêté sous le nom {stop} ; carillon stops en donne la liste",
        "لا شيء متوقف باسم {stop}؛ يعرض carillon stops القائمة",
    ),
    "stop_of_platform": (
        "only WhatsApp can let {stop} go on; carillon templates sync asks whether it did",
        "seul WhatsApp peut laisser {stop} reprendre ; carillon templates sync demande si c'est fait",
        "واتساب وحده يستطيع استئناف {stop}؛ يسأله carillon templates sync",
    ),
}
