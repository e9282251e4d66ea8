"""What a watched log calls things, in Korean and English."""

from bini.domain.monitoring.alarms import AlarmName
from bini.domain.wording import NAMES

WORDS: dict[str, dict[str, str]] = {
    "ko": {
        **NAMES["ko"],
        "no_adapter": "어댑터 없음",
        "requests": "요청",
        "until": "마지막 (UTC)",
        "answers": "답",
        "valid": "유효한 JSON",
        "refused": "거절한 입력",
        "confidence": "확률 평균",
        "confidence_spread": "확률 표준편차",
        "spread": "수준 확률 표준편차",
        "disagreement": "원칙과 불일치",
        "abstention": "판단불가 구성요소",
        "review": "검토 필요",
        "product_chars": "제품 설명 (자)",
        "korean": "한글 비율",
        "seconds": "초",
        "drift": "안정성 지수",
        "threshold": "경보 기준",
        "levels": "위험 수준",
        "dotted": " (점선: 기준)",
        "shares": "비율",
        "calm": "경보 없음",
        "alarmed": "창 {total}개 중 {count}개, 최근 요청 {first:,}–{last:,}: {measure} {figure:.3g} "
        "(경보 기준 {threshold:.3g}).",
        "unreadable": "읽지 못한 줄 {count:,}개",
        "more": "그 밖의 모델과 어댑터 {count:,}개",
    },
    "en": {
        **NAMES["en"],
        "no_adapter": "no adapter",
        "requests": "requests",
        "until": "until (UTC)",
        "answers": "answers",
        "valid": "valid JSON",
        "refused": "refused input",
        "confidence": "confidence, mean",
        "confidence_spread": "confidence, std. dev.",
        "spread": "level prob., std. dev.",
        "disagreement": "disagrees with rule",
        "abstention": "elements left open",
        "review": "needs review",
        "product_chars": "product, characters",
        "korean": "share of Hangul",
        "seconds": "seconds",
        "drift": "stability index",
        "threshold": "alarm from",
        "levels": "risk levels",
        "dotted": " (dotted: reference)",
        "shares": "shares",
        "calm": "no alarm",
        "alarmed": "in {count} of {total} windows, latest requests {first:,}–{last:,}: {measure} {figure:.3g} "
        "(alarm at {threshold:.3g}).",
        "unreadable": "unreadable lines: {count:,}",
        "more": "other models and adapters: {count:,}",
    },
}


ALARMS: dict[str, dict[AlarmName, str]] = {
    "ko": {
        AlarmName.DEGENERATE: "같은 답만 나옴",
        AlarmName.INVALID: "답이 없음",
        AlarmName.DRIFT: "분포가 달라짐",
        AlarmName.REVIEW: "검토가 급증함",
    },
    "en": {
        AlarmName.DEGENERATE: "degenerate output",
        AlarmName.INVALID: "no answers",
        AlarmName.DRIFT: "drift",
        AlarmName.REVIEW: "sudden rise of reviews",
    },
}


def system_name(model: str, adapter: str | None, language: str) -> str:
    """How a stream is called."""
    return f"{model} + {adapter}" if adapter else f"{model}, {WORDS[language]['no_adapter']}"
