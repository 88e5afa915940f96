"""Names in scripts without capitals: Han, kana, Hangul, Arabic, Hebrew, and others, mostly by the words beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.redact.kinds import Span
from bot.redact.lexicon import words

_SURNAMES = (
    "丁万丘于云亢任伍余佟侯俞倪傅储冉冯冷凌刁刘劉劳包匡卓卜卞卢印厉古史叶司吉吕呂吳吴周唐商喻嚴国夏奉奚姚姜娄孔孙孫季孟宁宋宗官宫宿寇封尉尚尤尹屈岑岳崔左巩巫巴师席"
    "常幸庄应庞康廖廉张張強强彭徐慕戚戴房扈敖文斯施昝晏景曹曾朱权李杜杨楊林查柏柯柳柴栗桂桑梁梅楚楼樊欧歐段殷毕毛江池汤汪沈沙洪浦涂温溫湛湯滕满潘焦熊燕牟狄王瑞甄甘田由申畢白"
    "皮盛盧瞿石祁祝禹秦程穆窦章童符管米粟练缪罗羅翁翟耿聂聶胡胥臧舒艾芦花苏苗苟范茅茹荆荣莊莫華萧萬葉葛董蒋蒙蒲蓝蔡蔣蔺薛藍蘇虞衣袁裘裴褚覃解許許詹謝譚许诸谈谌谢谭谷豆賀賈賴费贺贾赖赫赵趙路"
    "车辛迟連邓邝邢那邬邱邵邹郁郎郑郜郝郭都鄒鄔鄧鄭金錢鍾钟钱银閻闕關闫闵闻阎阙阚阮阳陆陈陳陶陸陽隆隋雍雷霍靳韋韓韦韩顏顧顾颜饒饶馬馮駱马骆高魏魯鲁鲍麥麦黃黄黎齊齐龍龔龙龚仇仲关全单华卫叢丛严乐占冼区向鄢铁撒仁边"
)
_COMPOUND = r"欧阳|歐陽|上官|司马|司馬|诸葛|諸葛|令狐|尉迟|慕容|皇甫|东方|夏侯|司徒|公孙|長孫|长孙|宇文|轩辕|端木|百里|南宫|独孤"
_H = r"[\u4e00-\u9fff]"
_GIVEN = rf"(?:{_H}(?:{_H}(?![们們的了])|))"
_FULL = rf"(?:{_COMPOUND}|[{_SURNAMES}]){_H}{{1,2}}"
_STOP_HAN = re.compile(
    r"[的了是在有和与及或被把给对从到为我你他她它们這这那哪什么吗呢吧嗎患病院药治疗医血白癌瘤症炎痛热烧化移植供体细胞骨髓年月日岁歲天不没無无很也都就要想请問问能可会已去来做过吃打出入住得到个名号路市省区县]"
)
_LEADS = (
    r"我叫|我是|我名叫|名叫|叫做|叫作|本人|姓名[:：是为]?|名字[:：是叫为]{0,2}|患者姓名[:：]?|患者[:：]?|患儿[:：]?|病人[:：]?|病员|病患|孩子叫|孩子[:：]?|宝宝叫?|小孩叫?|联系人[:：]?|收件人[:：]?|寄件人[:：]?|监护人[:：]?|申请人[:：]?|签名[:：]?|落款[:：]?|供者[:：]?|家属[:：]?|户名[:：]?|持卡人[:：]?|紧急联系人[:：]?|护照上(?:的名字)?(?:是|写的是)?|"
    r"(?:我(?:的|家)?|咱|俺|他|她)?(?:儿子|女儿|妈妈|母亲|爸爸|父亲|老公|老婆|丈夫|妻子|爱人|先生|太太|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|姥姥|姥爷|孙子|孙女|外孙|侄子|侄女|表哥|表弟|表姐|表妹|堂哥|堂弟|闺女|宝贝|孩子|朋友|同事|邻居|岳父|岳母|公公|婆婆|叔叔|阿姨|舅舅|姑姑|姨妈|大姐|大哥|兒子|女兒|媽媽|先生|太太|媽|爸|妈|娃)(?:叫|名叫|是|名字是|名字叫|姓名)?[:：]?|"
    r"(?:主治|主管)?(?:医生|大夫|教授|主任|护士长?|護士|醫生|老师)(?:叫|是)|这是|這是|叫|称呼(?:我)?|喊我"
)
_LED = re.compile(rf"(?:{_LEADS})\s?[「“\"]?(?P<name>{_FULL}|阿{_H}|小{_H})")
_LED_ANY = re.compile(rf"(?:我叫|名叫|叫做|姓名[:：是]|名字[:：是叫]|患儿[:：]?|患者[:：]|患者姓名[:：]?|孩子叫|儿子叫|女儿叫|名字是|户名[:：]?|持卡人[:：]?|联系人[:：]?|收件人[:：]?|本人)\s?(?P<name>{_H}{{2,4}}(?:·{_H}{{1,6}})*)(?=[,，。.;；!！、\s()（）:：\d]|$)")
_LED_RELATION = re.compile(
    rf"(?:儿子|女儿|妈妈|母亲|爸爸|父亲|老公|老婆|丈夫|妻子|爱人|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|孩子|患者|病人|患儿|母親|父親|兒子|女兒)(?P<name>{_H}{{2,3}})(?=[,，。;；、]|\s|$|\d)"
)
_TITLED = re.compile(
    rf"(?P<name>(?:{_COMPOUND}|[{_SURNAMES}]){_H}{{0,2}}|老[{_SURNAMES}]|小[{_SURNAMES}])(?=先生|女士|小姐|太太|医生|醫生|大夫|教授|主任|护士|護士|老师|同学|阿姨|叔叔|大哥|大姐|师傅|院长|院士|博士|总|某|氏|经理|顾问)"
)
_SURNAME_SAID = re.compile(rf"(?:我|免贵|患者|病人|他|她)?姓(?P<name>{_COMPOUND}|{_H})(?=[,，。.;；!！、\s]|$|名|,)")
_ALONE = re.compile(rf"(?:^|(?<=[,，。.;；:：!！?？、\s(（\"“]))(?P<name>{_FULL})(?=[,，。;；:：!！、)）\"”]|\s|$|[\da-zA-Z])")
_DOTTED = re.compile(rf"(?<!{_H}){_H}{{1,6}}[·•・]{_H}{{1,8}}")
_COMMON = frozenset(
    "白血病 白细胞 高血压 高热 高烧 高危 高风险 高剂量 黄疸 黄金 黄色 马上 方案 方法 方便 方式 安全 安排 于是 时候 时间 金额 钱数 任何 何时 何处 何人 全部 全身 全家 全相合 全合 单倍体 单采 单抗 单药 双抗 关于 关节 关心 "
    "向您 向你 和谁 成功 成本 成人 成都 江苏 江西 温度 温州 汤药 沙眼 石头 石家庄 祝您 祝好 祝福 程度 管理 管子 米饭 粟粒 练习 翁婿 胡萝卜 胡须 舒服 花费 花钱 苏州 荣幸 莫名 华西 万元 万一 万分 解决 解释 解放 许多 谈谈 谢谢 "
    "谢谢您 谢谢你 谢谢大 费用 贺州 路费 路上 车费 车票 车站 连续 那么 那个 那边 那天 都是 都有 金标准 银行 阳性 阳光 陆道培 陆续 雷替曲 韩国 顾虑 顾问 高原 龙胆 齐全 麦考酚 黄芪 盛行 宁可 宁夏 宁波 安慰 安心 安徽 应该 应用 康复 康乃馨 常规 常见 常用 "
    "强烈 强化 强度 文件 文章 文字 施工 景点 查询 查血 查房 查体 柏林 柳州 桂林 梅毒 梁山 欧洲 段时间 毛病 毛巾 江湖 池州 沈阳 洪水 海南 温馨 满意 满了 焦虑 熊猫 燕窝 王府井 甘肃 田地 申请 申报 由于 白天 白蛋白 白消安 白介素 皮肤 皮疹 皮质 盛京 石膏 秦皇岛 符合 章程 童年 "
    "米汤 罗氏 耿直 艾滋病 艾迪 芦可替尼 花生 苗条 茅台 荆州 莫西沙星 葛根 蒙古 蒲公英 蓝色 蓝牙 衣服 衣物 解热 许可 谷丙 谷草 谷氨酰 豆腐 豆浆 赖氨酸 路途 车程 辛苦 边缘 迟发 那里 郁闷 金黄 金色 钟头 银杏 阎王 阮病毒 隆起 雍和宫 雷公藤 韦氏 马来西亚 马克 马法兰 高钾 高钙 高敏 高分 高中 高铁 "
    "高价 高效 高额 高兴 高度 黄斑 黎明 齐鲁 龙虾 单位 单人 单间 单独 单纯 卫生 卫星 占用 占位 向导 关键 关系 关注 全国 全程 全天 全血 全麻 全套 严重 严格 乐观 丛集 边境 仲裁 仁济 华山 华东 华中 华南 区别 区域 车辆 周期 周围 周一 周二 周三 周四 周五 周六 周日 周末 周边 江门 方面 方向 石油 安静 安装 于今 余额 余下 余地 "
    "史上 司机 吉林 叶酸 国内 国外 国家 国产 国际 商业 商量 季节 季度 宁愿 官方 官网 封闭 尚未 尤其 左右 左侧 左手 左腿 左肩 常温 常州 强直 房间 房租 文化 曾经 曾在 权利 李子 杜冷丁 林州 柴胡 桑葚 汪汪 沙发 浦东 温水 温热 满月 潘生丁 瑞士 瑞金 田七 申办 石棉 米粒 童话 管床 管道 舒缓 花粉 花园 荣誉 葡萄 蒙脱石 蔬菜 解除 许愿 诸如 诸多 谈话 贾第 赖以 辛辣 连花 都要 都能 都没 银子 陈旧 陈述 "
    "雷米 霍奇金 霍乱 顾客 饶有 高低 高校 高峰 麦片 麻醉 郎格 祝您好 祝一切 祝贵 关爱 施万 盛情 解答 查找 查看 由衷 应对 费心 包括 包子 包涵 包块 包皮 时段 时常 权衡 华法林 华人 单子 单据 单号 单核 单株 单次 米非 方舱 申诉 都市 都快 边吃 那种 那些 那位 路易 路程 路线 路透".split()
)


def _likely(name: str) -> bool:
    """Whether two or three Han characters that begin with a surname are a person and no ordinary word."""
    if name in _COMMON or name[:2] in _COMMON:
        return False
    return not _STOP_HAN.search(name[1:]) or name[0] in "张李王刘陈赵"  and not _STOP_HAN.search(name[1:])


def _trimmed(name: str) -> str:
    """A name without the ordinary character that was taken for its last one."""
    if len(name) >= 3 and _STOP_HAN.match(name[-1]):
        return name[:-1]
    return name


def _chinese(text: str) -> Iterator[Span]:
    for pattern in (_LED, _ALONE, _TITLED):
        for found in pattern.finditer(text):
            name = _trimmed(found["name"])
            if pattern is _TITLED:
                if len(name) >= 2 and name[:2] in _COMMON or name in ("老师", "主管"):
                    continue
                # `请问张医生`: what stands before the surname is not part of it, and 请 is none
                yield Span(found.start("name"), found.start("name") + len(found["name"]), "name", strong=True)
            elif len(name) >= 2 and (_likely(name) or name[0] in "阿小"):
                yield Span(found.start("name"), found.start("name") + len(name), "name", strong=pattern is _LED)
    for pattern in (_LED_ANY, _LED_RELATION):
        for found in pattern.finditer(text):
            name = found["name"]
            if name[:2] not in _COMMON and not _STOP_HAN.search(name):
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
    rf"(?:私は|名前は|母の|父の|息子の|娘の|妻の|夫の|患者は|患者名[:：]?|氏名[:：]?|わたしは)(?P<a>[\u3040-\u30ff\u4e00-\u9fff]{{2,8}}?)(?=です|と申|といい|と言|が|は|、|。|\s|$)|"
    rf"(?P<b>(?:{_JAPANESE_SURNAMES})[\s\u3000]?[\u3040-\u30ff\u4e00-\u9fff]{{0,3}}?)(?=さん|様|先生|氏|です|と申|といい|、|。|\s|$|\(|（)|(?P<c>[\u30a0-\u30ff\u4e00-\u9fff]{{2,6}}[\s\u3000]?[\u3040-\u30ff\u4e00-\u9fff]{{0,4}})(?=と申します|といいます|と言います)|(?P<d>[\u4e00-\u9fff]{{1,3}}|[\u3041-\u3096]{{2,4}}|[\u30a1-\u30fa]{{2,5}})(?=ちゃん|くん|君)"
)
_NOT_JAPANESE = frozenset("患者 医師 医者 先生 看護師 皆 皆様 お客 お母 お父 奥 母 父 息子 娘 妻 夫 赤 白血病 治療".split())
_KOREAN_SURNAMES = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모남궁황보제갈"
_KOREAN = re.compile(
    rf"(?:제 이름은|이름은|저는|나는|환자는|환자명[:：]?|성함은?|환자 이름은|우리 아들|우리 딸|아들|딸|남편|아내|어머니|아버지|엄마|아빠|동생|형|누나|언니|오빠|보호자|환자|성명[:：]?)\s?(?P<a>[{_KOREAN_SURNAMES}][가-힣]{{1,2}})(?=입니다|이에요|예요|이고|라고|이라고|인데|의|은|는|이|가|을|를|님|씨|[\s,.]|$)|"
    rf"(?<![가-힣])(?P<b>[{_KOREAN_SURNAMES}][가-힣]{{1,3}})\s?(?=님|씨|환자|선생님|교수님|입니다|이에요)|(?<![가-힣])(?P<c>[{_KOREAN_SURNAMES}][가-힣]{{2}})(?=[,.\s]|$)"
)
_NOT_KOREAN = frozenset("이식 조혈 환자 의사 선생 교수 간호 한국 정말 이번 이후 이전 지금 오늘 여기 우리 저희 진단 치료 항암 백혈병 림프종 골수 이것 이게 그리고 주치의 담당 전화 연락 비용 안녕 안녕하 감사 문의 혹시 어머니 아버지 고열 이상 방법 소아 유전 한달 남편 정도 현재 최근 조금 기간 성공 주사 공여자 기증자 혈소판 재발 이제 하루 진료 입원".split())


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
    rf"(?:\s?[:،-]\s?|\s(?:هو\s|هي\s|اسمه\s|اسمها\s)?)(?P<name>{_AR_NAME}(?:\s{_AR_NAME}){{0,4}})"
)
_ARABIC_STOP = frozenset(
    "من في على عن إلى الى مع هل ما ماذا كم كيف متى أين اين لماذا هو هي هم هذا هذه ذلك التي الذي الذين لا لم لن ليس كان كانت يكون قد بعد قبل عند عندي عنده عندها عندنا لدي لديه لديها لدينا أن ان إن أنا و أو او ثم حتى "
    "عمره عمرها عمري يعاني تعاني أعاني مصاب مصابة مريض مريضة مريضه يحتاج تحتاج أحتاج نحتاج يريد تريد أريد نريد اريد يبلغ تبلغ رقم رقمي رقمه رقمها هاتف هاتفي تشخيص التشخيص سرطان لوكيميا ليمفوما دم الدم زراعة نخاع علاج العلاج "
    "أصيب أصيبت شخص شخصت خضع خضعت حصل حصلت بدأ بدأت قال قالت سنة سنوات سنه عام شهر أشهر يوم أيام جدا الآن اليوم أمس غدا حالة الحالة بخير شكرا السلام عليكم مرحبا لوكيميا ورم مولود مولودة مواليد تولد ولد ولدت سعودي سعودية عراقي عراقية مصري مصرية سوري سورية ليبي يمني كويتي إماراتي أردني لبناني فلسطيني سوداني مغربي جزائري تونسي "
    "المريض المريضة الطفل الطفلة والدة والد والدته والدتها ابن ابنة زوجة زوج أخ أخت أم أب متبرع متبرعة خائف خائفة قلق قلقة تعبان تعبانة موجود موجودة جديد جديدة كبير كبيرة صغير صغيرة الكبير الصغير الوحيد الوحيدة الأكبر الأصغر انتكس انتكست دخل دخلت خرج خرجت سوف سيتم تم يتم".split()
)


def _arabic_words(name: str) -> int:
    """How much of a piece of Arabic is the name: up to the first word that belongs to the sentence."""
    end = 0
    for place, found in enumerate(re.finditer(rf"{_AR}+", name)):
        word = found[0]
        if word in _ARABIC_STOP or (word[0] in "وف" and word[1:] in _ARABIC_STOP):
            break
        if place >= 1 and word in words("ordinary_other") and word not in words("other_scripts") and not word.startswith("ال"):
            break
        end = found.end()
    return end


def _semitic(text: str) -> Iterator[Span]:
    if re.search(_AR, text):
        for found in _ARABIC_LEADS.finditer(text):
            end = _arabic_words(found["name"])
            first = found["name"].split()[0]
            plain = first in words("ordinary_other") and first not in words("other_scripts")
            if end and not (plain and not re.match(r"(?:اسم|الاسم|أسم|إسم)", found[0])):
                yield Span(found.start("name"), found.start("name") + end, "name", strong=True)
        names = words("other_scripts")
        ordinary = words("ordinary_other")
        run: list[re.Match[str]] = []
        for found in [*re.finditer(rf"{_AR}+", text), None]:
            word = found[0] if found else ""
            bare = word[1:] if word[:1] in "ولب" and word[1:] in names else word
            linked = bool(run) and found is not None and text[run[-1].end() : found.start()] == " "
            is_name = bare in names and word not in _ARABIC_STOP or (linked and word in ("بن", "بنت", "عبد", "أبو", "آل", "ابن"))
            if found and is_name and (not run or linked):
                run.append(found)
                continue
            sure = [one for one in run if one[0] not in ordinary and len(one[0]) > 2]
            if len(run) >= 2 and sure:
                end = run[-1].end()
                more = re.match(rf"\sال{_AR}{{3,14}}", text[end:])
                yield Span(run[0].start(), end + (more.end() if more else 0), "name", strong=False)
            elif len(run) == 1 and sure and len(run[0][0]) >= 4:
                yield Span(run[0].start(), run[0].end(), "name", strong=False)
            run = [found] if found and is_name else []
    for pattern in _OTHER_LEADS:
        for found in pattern.finditer(text):
            yield Span(*found.span("name"), "name", strong=True)
    listed = words("other_scripts")
    for found in re.finditer(r"[\u0590-\u05ff]{3,}|[\u0900-\u097f]{3,}|[\u0e00-\u0e7f]{3,}|[\u10a0-\u10ff]{4,}|[\u0b80-\u0bff]{3,}|[\u0980-\u09ff]{3,}", text):
        if found[0] in listed or (found[0][:1] in "לובמהש" and found[0][1:] in listed and len(found[0]) > 4):
            yield Span(found.start(), found.end(), "name", strong=False)


_OTHER_LEADS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:שמי|שמו|שמה|קוראים\sלי|קוראים\sלו|קוראים\sלה|השם\sשלי|שם\sהחולה|שם:|אני|בעלי|אשתי|בני|בתי|הבן\sשלי|הבת\sשלי|אמי|אבי|אמא|אבא|אחי|אחותי|מר|גברת|גב'|ד\"ר|דר'|פרופ'|סבא|סבתא|תודה,)\s(?P<name>[\u05d0-\u05ea'\"-]{2,12}(?:\s[\u05d0-\u05ea'-]{2,12})?)(?=[,.;\s\d]|$)",
        r"(?:(?:मेरा|मेरी|मेरे|उसका|उनका|मरीज\sका|बेटे\sका|बेटी\sका|पति\sका|पत्नी\sका|माता\sका)\sनाम|श्री|श्रीमती|डॉ\.?|बेटा|बेटी|पति|पत्नी|मैं)\s(?P<name>[\u0900-\u097f]{2,15}(?:\s[\u0900-\u097f]{2,15}){0,2}?)(?=\s(?:है|हूँ|हूं|को|की|का|के|ने|से)|[,।.]|$)",
        r"(?:ชื่อ(?:ของฉัน|ผม|ดิฉัน)?(?:คือ)?|คุณ|นาย|นางสาว|นาง|ด\.ช\.|ด\.ญ\.|น้อง)\s?(?P<name>[\u0e00-\u0e7f]{2,20}(?:\s[\u0e00-\u0e7f]{2,20})?)(?=[\s,.]|$)",
        r"(?:اسم\sمن|نام\sمن|نام\sبیمار|اسمم|نامم|پسرم|دخترم|همسرم|مادرم|پدرم|برادرم|خواهرم|آقای|خانم|دکتر)\s(?P<name>[\u0621-\u06d3]{2,14}(?:\s[\u0621-\u06d3]{2,14})?)(?=\s(?:است|هستم|دارد|را|که|با|از|هست|به)|[،,.]|$)",
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
