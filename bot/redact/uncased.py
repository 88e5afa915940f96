"""Names in scripts without capitals: Han, kana, Hangul, Arabic, Hebrew, and others, mostly by the words beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.redact.kinds import Span
from bot.redact.lexicon import small_words, words

_SURNAMES = (
    "丁万丘于云亢任伍余佟侯俞倪傅储冉冯冷凌刁刘劉劳包匡卓卜卞卢印厉古史叶司吉吕呂吳吴周唐商喻嚴国夏奉奚姚姜娄孔孙孫季孟宁宋宗官宫宿寇封尉尚尤尹屈岑岳崔左巩巫巴师席"
    "常幸庄应庞康廖廉张張強强彭徐慕戚戴房扈敖文斯施昝晏景曹曾朱权李杜杨楊林查柏柯柳柴栗桂桑梁梅楚楼樊欧歐段殷毕毛江池汤汪沈沙洪浦涂温溫湛湯滕满潘焦熊燕牟狄簡简紀纪应應鍾锺邬喬乔匡應佘涂游连詹简王瑞甄甘田由申畢白"
    "皮盛盧瞿石祁祝禹秦程穆窦章童符管米粟练缪罗羅翁翟耿聂聶胡胥臧舒艾芦花苏苗苟范茅茹荆荣莊莫華萧萬葉葛董蒋蒙蒲蓝蔡蔣蔺薛藍蘇虞衣袁裘裴褚覃解許許詹謝譚许诸谈谌谢谭谷豆賀賈賴费贺贾赖赫赵趙路"
    "何肖宣宫戈匡庞方易武盖祖索腾衡计郎钦阴鞠项游包卞闵巫芮储靳车辛迟連邓邝邢那邬邱邵邹郁郎郑郜郝郭都鄒鄔鄧鄭金錢鍾钟钱银閻闕關闫闵闻阎阙阚阮阳陆陈陳陶陸陽隆隋雍雷霍靳韋韓韦韩顏顧顾颜饒饶馬馮駱马骆高魏魯鲁鲍麥麦黃黄黎齊齐龍龔龙龚仇仲关全单华卫叢丛严乐占冼区向鄢铁撒仁边"
)
_COMPOUND = r"欧阳|歐陽|上官|司马|司馬|诸葛|諸葛|令狐|尉迟|慕容|皇甫|东方|夏侯|司徒|公孙|長孫|长孙|宇文|轩辕|端木|百里|南宫|独孤"
_H = r"[\u4e00-\u9fff]"
_FULL = rf"(?:{_COMPOUND}|[{_SURNAMES}]){_H}{{1,2}}"
_STOP_HAN = re.compile(
    r"[的了是在有和与及或被把给对从到为我你他她它们這这那哪什么吗呢吧嗎患病院药治疗医血白癌瘤症炎痛热烧化移植供体细胞骨髓年月日岁歲天不没無无很也都就要想请問问能可会已去来做过吃打出入住得到个名号路市省区县]"
)
_LEADS = (
    r"全名|中文名|英文名|护照名|曾用名|大名|本名|真名|学名|小名|名字|我叫|我是|我名叫|名叫|叫做|叫作|本人|姓名[:：是为]?|名字[:：是叫为]{0,2}|患者姓名[:：]?|患者[:：]?|患儿[:：]?|病人[:：]?|病员|病患|孩子叫|孩子[:：]?|宝宝叫?|小孩叫?|联系人[:：]?|收件人[:：]?|寄件人[:：]?|监护人[:：]?|申请人[:：]?|签名[:：]?|落款[:：]?|供者[:：]?|家属[:：]?|户名[:：]?|持卡人[:：]?|紧急联系人[:：]?|护照上(?:的名字)?(?:是|写的是)?|"
    r"(?:我(?:的|家)?|咱|俺|他|她)?(?:儿子|女儿|妈妈|母亲|爸爸|父亲|老公|老婆|丈夫|妻子|爱人|先生|太太|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|姥姥|姥爷|孙子|孙女|外孙|侄子|侄女|表哥|表弟|表姐|表妹|堂哥|堂弟|闺女|宝贝|孩子|朋友|同事|邻居|岳父|岳母|公公|婆婆|叔叔|阿姨|舅舅|姑姑|姨妈|大姐|大哥|兒子|女兒|媽媽|先生|太太|媽|爸|妈|娃)(?:叫|名叫|是|名字是|名字叫|姓名)?[:：]?|"
    r"(?:主治|主管)?(?:医生|大夫|教授|主任|护士长?|護士|醫生|老师)(?:叫|是)|这是|這是|叫|称呼(?:我)?|喊我"
)
_LED = re.compile(rf"(?:{_LEADS})\s?[「“\"]?(?P<name>{_FULL}|阿{_H}|小{_H})")
_LED_ANY = re.compile(
    rf"(?:全名|大名|本名|真名|我叫|名叫|叫做|姓名[:：是]?|名字[:：是叫]|患儿[:：]?|患者[:：]|患者姓名[:：]?|孩子叫|儿子叫|女儿叫|名字是|户名[:：]?|持卡人[:：]?|联系人[:：]?|收件人[:：]?|本人)\s?(?P<name>{_H}{{2,4}}(?:·{_H}{{1,6}})*)(?=[,，。.;；!！、\s()（）:：\d]|$)"
)
_LED_RELATION = re.compile(
    rf"(?:儿子|女儿|妈妈|母亲|爸爸|父亲|老公|老婆|丈夫|妻子|爱人|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|孩子|患者|病人|患儿|母親|父親|兒子|女兒)(?P<name>{_H}{{2,3}})(?=[,，。;；、]|\s|$|[\da-zA-Z])"
)
_LED_STAFF = re.compile(rf"(?:医生|大夫|教授|主任|护士长?|专家|院长|醫生|醫師)(?P<name>{_FULL})")
_TITLED = re.compile(
    rf"(?P<name>(?:{_COMPOUND}|[{_SURNAMES}]){_H}{{0,2}}|老[{_SURNAMES}]|小[{_SURNAMES}])(?=先生|女士|小姐|太太|医生|醫生|大夫|教授|主任|护士|護士|老师|同学|阿姨|叔叔|大哥|大姐|师傅|院长|院士|博士|总|某|经理|顾问)"
)
_SURNAME_SAID = re.compile(rf"(?:我|免贵|患者|病人|他|她)?姓(?P<name>{_COMPOUND}|{_H})(?=[,，。.;；!！、\s]|$|名|,)")
_ALONE = re.compile(
    rf"(?:^|(?<=[,，。.;；:：!！?？、\s(（\"“]))(?P<name>{_FULL})(?=[,，。;；:：!！、()（）\"”]|\s|$|[\da-zA-Z]|的(?:家属|妈|爸|儿|女|报告|病|检查|结果|血|费用|母亲|父亲|老婆|老公|丈夫|妻子)|今天|昨天|目前|现在|刚刚|已经|发烧|怎么样)"
)
_NICKNAME = re.compile(
    rf"(?:^|(?<=[,，。.;；:：!！?？、\s(（]))(?P<name>(?:小|阿|大){_H}|{_H}宝|(?P<twice>{_H})(?P=twice))(?=(?:的)?(?:妈妈|爸爸|妈|爸|奶奶|爷爷|姥姥|姐姐|家长|家属)|这|今|昨|现在|目前|已经|发烧|又|在|是|\d{{1,2}}岁)"
)
_NO_NICKNAME = frozenset("孩时便儿心伙区手友姐肠脑剂米学部于队夫家人爷哥概约量量学弟妹多少腿便气脑肠出".strip())
_DOTTED = re.compile(rf"(?<!{_H}){_H}{{1,6}}[·•・]{_H}{{1,8}}")
_COMMON = small_words("han")


def _likely(name: str) -> bool:
    """Whether two or three Han characters that begin with a surname are a person and no ordinary word."""
    if name in _COMMON or name[:2] in _COMMON:
        return False
    return not _STOP_HAN.search(name[1:]) or (name[0] in "张李王刘陈赵" and not _STOP_HAN.search(name[1:]))


def _trimmed(name: str) -> str:
    """A name without the ordinary character that was taken for its last one."""
    if len(name) >= 3 and _STOP_HAN.match(name[-1]):
        return name[:-1]
    return name


def _chinese(text: str) -> Iterator[Span]:
    for pattern in (_LED, _LED_STAFF, _ALONE, _TITLED):
        for found in pattern.finditer(text):
            name = _trimmed(found["name"])
            if pattern is _TITLED:
                if (len(name) >= 2 and name[:2] in _COMMON) or name in ("老师", "主管"):
                    continue
                # `请问张医生`: what stands before the surname is not part of it, and 请 is none
                yield Span(found.start("name"), found.start("name") + len(found["name"]), "name", strong=True)
            elif len(name) >= 2 and (_likely(name) or name[0] in "阿小"):
                yield Span(found.start("name"), found.start("name") + len(name), "name", strong=pattern is _LED)
    for pattern in (_LED_ANY, _LED_RELATION):
        for found in pattern.finditer(text):
            name = found["name"]
            if (pattern is _LED_ANY and found[0][:2] in ("全名", "大名", "本名", "真名")) or (
                name[:2] not in _COMMON and not _STOP_HAN.search(name)
            ):
                yield Span(*found.span("name"), "name", strong=True)
    for found in _NICKNAME.finditer(text):
        name = found["name"]
        if (
            name[1] not in _NO_NICKNAME
            and name[0] not in "妈爸爷奶哥姐弟妹叔舅姑宝天刚常往慢好多谢看想试问听等早晚太公婆姥伯娃您你我他她这那"
            and name not in _COMMON
        ):
            yield Span(*found.span("name"), "name", strong=True)
    for found in _SURNAME_SAID.finditer(text):
        yield Span(*found.span("name"), "name", strong=True)
    for found in _DOTTED.finditer(text):
        if not re.search(r"淋巴瘤|白血病|病|综合征|抗|单抗", found[0]):
            yield Span(*found.span(), "name", strong=True)


_JAPANESE_SURNAMES = (
    "三浦|中島|中川|中村|井上|伊藤|佐々木|佐藤|前田|加藤|吉田|坂本|太田|小川|小林|山下|山口|山崎|山本|山田|岡本|岡田|後藤|斉藤|斎藤|木村|村上|松本|松田|橋本|池田|清水|渡辺|渡邊|田中|石井|石川|福田|藤井|藤原|藤田|西村|近藤|遠藤|鈴木|長谷川|阿部|青木|高橋|"
    "原田|小野|竹内|金子|和田|中山|石田|上田|森田|柴田|酒井|工藤|横山|宮崎|宮本|内田|高木|安藤|島田|谷口|大野|丸山|今井|河野|藤本|村田|武田|上野|杉山|増田|平野|大塚|千葉|久保|松井|小島|岩崎|桜井|野口|松尾|野村|木下|菊地|菊池|佐野|大西|杉本|新井|浜田|菅原|市川|水野|小松|島村"
)
_JAPANESE = re.compile(
    rf"(?:^|(?<=[。\n、！]))(?P<e>[\u30a1-\u30fa]{{2,6}}[\u4e00-\u9fff]{{1,4}}|[\u30a1-\u30faー]{{2,8}}・[\u30a1-\u30faー]{{2,10}})(?=です|と申)|(?:私は|名前は|母の|父の|息子の|娘の|妻の|夫の|患者は|患者名[:：]?|氏名[:：]?|わたしは)(?P<a>[\u3040-\u30ff\u4e00-\u9fff]{{2,8}}?)(?=です|と申|といい|と言|が|は|、|。|\s|$)|"
    rf"(?P<b>(?:{_JAPANESE_SURNAMES})[\s\u3000]?[\u3040-\u30ff\u4e00-\u9fff]{{0,3}}?)(?=さん|様|先生|氏|です|と申|といい|、|。|\s|$|\(|（)|(?P<c>[\u30a0-\u30ff\u4e00-\u9fff]{{2,6}}[\s\u3000]?[\u3040-\u30ff\u4e00-\u9fff]{{0,4}})(?=と申します|といいます|と言います)|(?P<d>[\u4e00-\u9fff]{{1,3}}|[\u3041-\u3096]{{2,4}}|[\u30a1-\u30fa]{{2,5}})(?=ちゃん|くん|君)"
)
_NOT_JAPANESE = small_words("japanese")
_KOREAN_SURNAMES = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모남궁황보제갈"
_KOREAN = re.compile(
    rf"(?:제 이름은|이름은|저는|나는|환자는|환자명[:：]?|성함은?|환자 이름은|우리 아들|우리 딸|아들|딸|남편|아내|어머니|아버지|엄마|아빠|동생|형|누나|언니|오빠|보호자|환자|성명[:：]?)\s?(?P<a>[{_KOREAN_SURNAMES}][가-힣]{{1,2}})(?=입니다|이에요|예요|이고|라고|이라고|인데|의|은|는|이|가|을|를|님|씨|[\s,.]|$)|"
    rf"(?<![가-힣])(?P<b>[{_KOREAN_SURNAMES}][가-힣]{{1,3}})\s?(?=님|씨|환자|선생님|교수님|입니다|이에요)|(?<![가-힣])(?P<c>[{_KOREAN_SURNAMES}][가-힣]{{2}})(?=[,.\s]|$)"
)
_NOT_KOREAN = small_words("korean")


def _east_asian(text: str) -> Iterator[Span]:
    if re.search(r"[\u3040-\u30ff]", text):
        for found in _JAPANESE.finditer(text):
            name = found[found.lastgroup or 0]
            if name not in _NOT_JAPANESE and len(name.strip()) >= 2:
                yield Span(*found.span(found.lastgroup or 0), "name", strong=True)
    if re.search(r"[가-힣]", text):
        for found in _KOREAN.finditer(text):
            name = found[found.lastgroup or 0]
            if not any(name.startswith(word) for word in _NOT_KOREAN) and len(name) >= 2:
                yield Span(*found.span(found.lastgroup or 0), "name", strong=found.lastgroup != "c")


_AR = r"[\u0621-\u064a\u0671-\u06d3]"
_AR_NAME = rf"(?:(?:عبد|عبدال|أبو|ابو|أم|ام|بن|ابن|بنت|آل|ال|سيف|نور|شمس|صلاح|علاء|بهاء|جمال|كمال|محي|عز|فخر|زين|سعد|تقي|شرف|ضياء|حسام|عماد|نصر)\s)?{_AR}{{2,14}}"
_ARABIC_LEADS = re.compile(
    rf"(?<!{_AR})(?:اسمي|أسمي|إسمي|اسمه|اسمها|الاسم|الإسم|اسم\s(?:المريضة?|ابني|ابنتي|الطفلة?|زوجي|زوجتي|والدي|والدتي|أبي|أمي|الأم|الأب|المتبرعة?)|أنا|انا|معك|معكم|يدعى|تدعى|المدعو|"
    rf"(?:و|ل|ب|عن|من|إلى|مع)?(?:ابني|إبني|ابنتي|إبنتي|بنتي|ولدي|طفلي|طفلتي|زوجي|زوجتي|والدي|والدتي|أبي|ابي|أمي|امي|أخي|اخي|أختي|اختي|جدي|جدتي|عمي|عمتي|خالي|خالتي|صديقي|صديقتي|حفيدي|حفيدتي|خطيبتي|خطيبي|أخوي|اخوي|ابوي|أبوي)|"
    rf"(?:ل|ب|و)?(?:ال)?(?:سيد|سيدة|سيده|حاج|حاجة|آنسة|انسة|شيخ|شيخة|دكتور|دكتورة|طبيب|طبيبة|مريض|مريضة|مريضه|طفل|طفلة|طفله|متبرع|متبرعة|أستاذ|استاذ|أستاذة|مهندس|أستاذ|بروفيسور|مرافق|مرافقة|ممرضة|أم|أبو|ام|ابو|المرحوم)|د\.|أ\.|م\.|مع\sتحيات|تحياتي|أختكم|أخوكم|ابنكم|شكرا|من\sطرف)"
    rf"(?:\s?[:،-]\s?|\s(?:هو\s|هي\s|اسمه\s|اسمها\s)?)(?=(?P<name>{_AR_NAME}(?:\s{_AR_NAME}){{0,4}}))"
)
_ARABIC_STOP = small_words("arabic")


_KUNYA = frozenset(("أم", "أبو", "ام", "ابو"))
_LINKS = frozenset(("بن", "ابن", "بنت", "عبد", "آل", "ال", "أبو", "ابو"))


def _arabic_words(name: str) -> int:
    """How much of a piece of Arabic is the name: up to the first word that belongs to the sentence."""
    end = 0
    for place, found in enumerate(re.finditer(rf"{_AR}+", name)):
        word = found[0]
        if (place == 0 and word in _KUNYA) or word in _LINKS:
            end = found.end()
            continue
        if word in _ARABIC_STOP or (word[0] in "وف" and word[1:] in _ARABIC_STOP):
            break
        if (
            place >= 1
            and word in words("ordinary_other")
            and word not in words("other_scripts")
            and not word.startswith("ال")
        ):
            break
        end = found.end()
    return end


def _arabic_listed(text: str) -> Iterator[Span]:
    """Names that the lists know: two and more side by side, or one that is no ordinary word."""
    names, ordinary = words("other_scripts"), words("ordinary_other")
    run: list[re.Match[str]] = []
    for found in re.finditer(rf"{_AR}+|\Z", text):
        word = found[0]
        bare = word[1:] if word[:1] in "ولب" and word[1:] in names else word
        linked = bool(run) and text[run[-1].end() : found.start()] == " "
        is_name = (bool(word) and bare in names and word not in _ARABIC_STOP) or (linked and word in _LINKS)
        if is_name and (not run or linked):
            run.append(found)
            continue
        sure = [one for one in run if one[0] not in ordinary and len(one[0]) > 2]
        if len(run) >= 2 and sure:
            end = run[-1].end()
            more = re.match(rf"\sال{_AR}{{3,14}}", text[end:])
            yield Span(run[0].start(), end + (more.end() if more else 0), "name")
        elif len(run) == 1 and sure and len(run[0][0]) >= 4:
            yield Span(run[0].start(), run[0].end(), "name")
        run = [found] if is_name else []


def _semitic(text: str) -> Iterator[Span]:
    if re.search(_AR, text):
        for found in _ARABIC_LEADS.finditer(text):
            end = _arabic_words(found["name"])
            first = found["name"].split()[0]
            plain = first in words("ordinary_other") and first not in words("other_scripts") and first not in _KUNYA
            if end and not (plain and not re.match(r"(?:اسم|الاسم|أسم|إسم)", found[0])):
                yield Span(found.start("name"), found.start("name") + end, "name", strong=True)
        yield from _arabic_listed(text)
        for found in _ARABIC_BEFORE.finditer(text):
            if found["name"] not in _ARABIC_STOP:
                yield Span(*found.span("name"), "name", strong=True)
    for pattern in _OTHER_LEADS:
        for found in pattern.finditer(text):
            yield Span(*found.span("name"), "name", strong=True)
    listed = words("other_scripts")
    for found in re.finditer(
        r"[\u0590-\u05ff]{3,}|[\u0900-\u097f]{3,}|[\u0e00-\u0e7f]{3,}|[\u10a0-\u10ff]{4,}|[\u0b80-\u0bff]{3,}|[\u0980-\u09ff]{3,}",
        text,
    ):
        if found[0] in _NOT_HEBREW:
            continue
        if found[0] in listed or (found[0][:1] in "לובמהש" and found[0][1:] in listed and len(found[0]) > 4):
            yield Span(found.start(), found.end(), "name", strong=False)


_ARABIC_BEFORE = re.compile(
    rf"(?:^|[.،,؛\n]\s?)(?P<name>{_AR}{{3,12}})\s(?=(?:ابني|ابنتي|زوجي|زوجتي|بنتي|ولدي|أمي|أبي|والدي|والدتي|أخي|أختي)(?!{_AR}))"
)
_NOT_HEBREW = frozenset(("שלום", "שלי", "אני", "אור", "חן", "טוב", "בן", "בת", "יום", "שלו", "שלה", "לנו"))
_OTHER_LEADS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:שמי|שמו|שמה|קוראים\sלי|קוראים\sלו|קוראים\sלה|השם\sשלי|שם\sהחולה|שם:|אני|בעלי|אשתי|בני|בתי|הבן\sשלי|הבת\sשלי|אמי|אבי|אמא|אבא|אחי|אחותי|מר|גברת|גב'|ד\"ר|דר'|פרופ'|סבא|סבתא|תודה,)\s(?P<name>[\u05d0-\u05ea'\"-]{2,12}(?:\s[\u05d0-\u05ea'-]{2,12})?)(?=[,.;\s\d]|$)",
        r"(?:(?:मेरा|मेरी|मेरे|उसका|उनका|मरीज\sका|बेटे\sका|बेटी\sका|पति\sका|पत्नी\sका|माता\sका)\sनाम|श्री|श्रीमती|डॉ\.?|बेटा|बेटी|पति|पत्नी|मैं)\s(?P<name>[\u0900-\u097f]{2,15}(?:\s[\u0900-\u097f]{2,15}){0,2}?)(?=\s(?:है|हूँ|हूं|को|की|का|के|ने|से|\d)|[,।.]|$)",
        r"(?:ชื่อ(?:ของฉัน|ผม|ดิฉัน)?(?:คือ)?|คุณ|นาย|นางสาว|นาง|ด\.ช\.|ด\.ญ\.|น้อง)\s?(?P<name>[\u0e00-\u0e7f]{2,20}(?:\s[\u0e00-\u0e7f]{2,20})?)(?=[\s,.]|$)",
        r"(?:هویت[:：]|نام[:：]|اسم\sمن|نام\sمن|نام\sبیمار|اسمم|نامم|پسرم|دخترم|همسرم|مادرم|پدرم|برادرم|خواهرم|آقای|خانم|دکتر)\s(?P<name>[\u0621-\u06d3]{2,14}(?:\s[\u0621-\u06d3]{2,14})?)(?=\s(?:است|هستم|دارد|را|که|با|از|هست|به|\d|ساله)|[،,.]|$)",
        r"(?:میرا\sنام|نام|بیٹا|بیٹی|شوہر|بیوی)\s(?P<name>[\u0621-\u06d3]{2,14}(?:\s[\u0621-\u06d3]{2,14})?)(?=\s(?:ہے|ہوں|کو|کا|کی|نے)|[،,.]|$)",
        r"(?:ჩემი\sსახელია|მქვია|ჰქვია)\s(?P<name>[\u10a0-\u10ff]{3,20})",
        r"(?:আমার\sনাম|রোগীর\sনাম|ছেলে|মেয়ে)\s(?P<name>[\u0980-\u09ff]{2,15}(?:\s[\u0980-\u09ff]{2,15})?)",
        r"(?:என்\sபெயர்|பெயர்)\s(?P<name>[\u0b80-\u0bff]{2,20})",
        r"(?:Անունս|անունը)\s(?P<name>[\u0531-\u0587]{3,20})",
    )
)


def uncased_names(text: str) -> Iterator[Span]:
    """Names in scripts that have no capitals."""
    if text.isascii():
        return
    if re.search(_H, text):
        yield from _chinese(text)
    yield from _east_asian(text)
    yield from _semitic(text)
