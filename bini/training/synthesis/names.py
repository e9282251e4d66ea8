"""Made-up names, aligned in Hangul and Latin letters, so that a model matches by content and not by memory."""

import random

from bini.domain.glossary import Concept

# Latin syllable -> its usual Hangul spelling.
SYLLABLES = {
    "ba": "바", "be": "베", "bi": "비", "bo": "보", "bu": "부", "ca": "카", "ce": "세", "ci": "시", "co": "코",
    "cu": "쿠", "da": "다", "de": "데", "di": "디", "do": "도", "fa": "파", "fe": "페", "fi": "피", "ga": "가",
    "ge": "게", "go": "고", "ha": "하", "he": "헤", "hy": "하이", "ja": "자", "jo": "조", "ka": "카", "ke": "케",
    "ki": "키", "la": "라", "le": "레", "li": "리", "lo": "로", "lu": "루", "ma": "마", "me": "메", "mi": "미",
    "mo": "모", "mu": "무", "na": "나", "ne": "네", "ni": "니", "no": "노", "pa": "파", "pe": "페", "pi": "피",
    "po": "포", "ra": "라", "re": "레", "ri": "리", "ro": "로", "ru": "루", "sa": "사", "se": "세", "so": "소",
    "su": "수", "ta": "타", "te": "테", "ti": "티", "to": "토", "tri": "트리", "va": "바", "ve": "베", "vi": "비",
    "xa": "자", "ya": "야", "yo": "요", "za": "자", "ze": "제", "zo": "조", "an": "안", "en": "엔", "in": "인",
    "ben": "벤", "lan": "란", "ran": "란", "mon": "몬", "pro": "프로", "flu": "플루", "gly": "글리", "tan": "탄",
}  # fmt: skip
ENDINGS = {
    "tyl": "틸", "tin": "틴", "nol": "놀", "late": "레이트", "mide": "미드", "xide": "사이드", "rin": "린", "nate": "네이트",
    "cid": "시드", "lose": "로스", "dine": "딘", "mer": "머", "zol": "졸", "rex": "렉스", "core": "코어", "flex": "플렉스",
    "sen": "센", "pad": "패드", "lock": "락", "net": "넷", "tex": "텍스", "gen": "겐", "fil": "필", "ron": "론",
}  # fmt: skip
KOREAN = [
    "강", "결", "광", "교", "구", "극", "나", "내", "단", "달", "동", "두", "래", "면", "모", "물", "반", "발", "벽", "변",
    "분", "빛", "산", "상", "새", "선", "섬", "솔", "수", "순", "습", "심", "안", "압", "연", "열", "온", "외", "용", "울",
    "원", "유", "윤", "은", "이", "입", "잎", "자", "장", "재", "전", "절", "접", "정", "제", "조", "중", "진", "초", "층",
    "탄", "투", "판", "편", "풀", "풍", "한", "합", "해", "향", "형", "화", "환", "황", "회", "흡", "꽃", "뿌", "쑥", "콩",
]  # fmt: skip
KOREAN_ENDINGS = {
    "ingredient": ["산", "추출물", "오일", "화합물", "분말", "수지", "염", "효소", "단백질", "당", "엑스", "유도체"],
    "material": ["섬유", "합금", "수지", "필름", "고무", "시트", "산화물", "유리", "층", "발포체"],
    "product": ["장치", "크림", "조성물", "음료", "시스템", "세제", "전지", "기기", "필름", "공구", "의류", "제품"],
    "component": ["부", "판", "체", "부재", "모듈", "기구", "유닛", "기", "막", "밸브", "센서", "축", "하우징"],
}  # fmt: skip
LETTERS = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [
            "에이",
            "비",
            "씨",
            "디",
            "이",
            "에프",
            "지",
            "에이치",
            "아이",
            "제이",
            "케이",
            "엘",
            "엠",
            "엔",
            "오",
            "피",
            "큐",
            "알",
            "에스",
            "티",
            "유",
            "브이",
            "더블유",
            "엑스",
            "와이",
            "제트",
        ],
        strict=True,
    )
)


def _word(rng: random.Random) -> tuple[str, str]:
    parts = rng.choices(list(SYLLABLES), k=rng.choice((1, 2, 2, 3)))
    end = rng.choice(list(ENDINGS))
    return "".join(parts) + end, "".join(SYLLABLES[p] for p in parts) + ENDINGS[end]


def _code(rng: random.Random) -> tuple[str, str]:
    """A hyphenated or slashed code such as PPG-17/IPDI, with its letters spelled in Hangul."""
    latin, hangul = [], []
    for _ in range(rng.choice((1, 2, 2, 3))):
        letters = "".join(rng.choices("ABCDEGHIKLMPRSTV", k=rng.choice((2, 3, 4))))
        number = f"-{rng.randint(2, 90)}" if rng.random() < 0.4 else ""
        latin.append(letters + number)
        hangul.append("".join(LETTERS[c] for c in letters) + number)
    return "/".join(latin), "/".join(hangul)


def made_up(rng: random.Random, kind: str) -> Concept:
    """A concept nobody has seen: Hangul and Latin names that sound alike, sometimes with an abbreviation."""
    draw = rng.random()
    abbr: tuple[str, ...] = ()
    if draw < 0.15:
        en, ko = _code(rng)
    elif draw < 0.45 and kind in KOREAN_ENDINGS:
        stem = "".join(rng.choices(KOREAN, k=rng.choice((2, 2, 3))))
        ko = stem + (" " if rng.random() < 0.3 else "") + rng.choice(KOREAN_ENDINGS[kind])
        en = ko  # a native word has no Latin sound-alike
    else:
        words = [_word(rng) for _ in range(rng.choice((1, 1, 2, 3)))]
        if rng.random() < 0.15:
            number = rng.choice(("1", "2", "3", "4", "6"))
            words[0] = (f"{number}-{words[0][0]}", f"{number}-{words[0][1]}")
        en, ko = " ".join(w[0] for w in words), ("" if rng.random() < 0.7 else " ").join(w[1] for w in words)
        if len(words) > 1:
            abbr = ("".join(w[0].lstrip("12346-")[0] for w in words).upper() + rng.choice(("", "", "X", "C")),)
    return Concept(id=f"~{en}", field="", kind=kind, ko=ko, en=en, abbr=abbr)


def near_miss(rng: random.Random, concept: Concept) -> Concept:
    """Another made-up thing whose name shares most of its sound: a hard negative."""

    def change(name: str, alphabet: list[str]) -> str:
        where = [i for i, c in enumerate(name) if c.isalpha()]
        spot = rng.choice(where[: max(1, len(where) - 1)])
        other = rng.choice([letters for letters in alphabet if letters != name[spot]])
        return name[:spot] + other + name[spot + 1 :]

    ko, en = change(concept.ko, KOREAN + list(SYLLABLES.values())), change(concept.en, list(SYLLABLES))
    return Concept(id=f"~{en}", field="", kind=concept.kind, ko=ko, en=en)
