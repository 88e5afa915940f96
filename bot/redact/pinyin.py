"""Chinese names in Latin letters: a surname and one or two syllables, in either order."""

from __future__ import annotations

import re

SURNAMES = frozenset(
    "wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang feng yu dong xiao cheng cao yuan deng xu fu shen "
    "zeng peng lu su jiang cai jia ding wei xue ye yan pan du dai xia zhong wang tian ren fan fang shi yao tan liao zou xiong jin hao kong bai cui kang mao qiu qin "
    "gu hou shao meng long wan duan lei qian tang yin yi chang wu he lai gong wen zhan ou ouyang situ shangguan zhuge sima niu ji ning nie geng guan zuo qi lan xin an bao "
    "chan cheung wong lau ng leung lee ho kwok tsang yip yeung chow tse mak kwan chiu fung lam tam yuen hui cheng chung chang hsu tsai hsieh kuo tseng yeh teoh tan lim ong goh koh toh chua".split()
)
_SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ueng|ang|eng|ing|ong|ian|iao|uai|uan|üan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ue|ui|un|üe|ün|a|o|e|i|u|ü)"
)
_ONE = re.compile(rf"{_SYLLABLE}\Z")
_TWO = re.compile(rf"{_SYLLABLE}['-]?{_SYLLABLE}\Z")
_ENGLISH = frozenset("he she me we be so do go no to an in on man men ban can ran fan pan pen ten den hen hang long song gong sun fun run gun gang sang rang bang die lie pie tie due sue hue ma pa ha la lane mine dine line wine made make like".split())


def is_pinyin_name(words: list[str]) -> bool:
    """Whether two or three words side by side are a name such as Zhang Wei, Wang Xiaoming or Xiaoming Li."""
    plain = [word.lower() for word in words]
    capital = all(word[0].isupper() for word in words)
    if plain[0] in SURNAMES:
        given = plain[1:]
    elif plain[-1] in SURNAMES and len(words) == 2:
        given = plain[:-1]
    else:
        return False
    whole = all(_TWO.match(word) or _ONE.match(word) for word in given)
    if not whole:
        return False
    if capital:
        return not any(word in ("no", "she", "he", "so", "me", "we") for word in plain)
    # small letters: only with a given name of two syllables that is no English word
    return len(given) == 1 and len(given[0]) >= 5 and _ONE.match(given[0]) is None and given[0] not in _ENGLISH and plain[0] not in _ENGLISH
