"""Writes bleu.json and bleu_many.json: sacreBLEU's figures for sentences made up for the purpose.

    pip install sacrebleu && python bleu.py
"""

import json
import sacrebleu
from sacrebleu.metrics import BLEU

ENGLISH = [
    ("A man in a red jacket is climbing a steep rock.", "A man wearing a red jacket climbs a steep rock."),
    ("Two dogs are playing in the snow .", "Two dogs play in the snow."),
    ('She said: "It costs $3,000.50 (or 10-15% less)!"', 'She said: "It costs $3,000.50 (10 - 15% less)."'),
    ("The U.S. team won 3-2, didn't it?", "the U.S. team won 3-2, did it not?"),
    ("Rock &amp; roll isn't dead &lt;yet&gt; &quot;ok&quot;", 'Rock & roll is not dead <yet> "ok"'),
    ("the the the the the the the", "The cat is on the mat."),
]
ODD = [
    ("...,,..  1.5.6,7 a.b,c 5-6-7 -8 9-", "... ,, . 1.5.6,7 a.b,c 5-6-7 -8 9-"),
    ("tab\there non\u00a0breaking line\nbroken hy-\nphen \x1fend  ", "tab here non breaking line broken hyphen end"),
    ("{curly} [square] ~tilde `tick` ^ _ | \\ / @x #y *z +1 =2 ;", "{curly } [ square] ~ tilde `tick` ^_| \\/ @ x #y * z + 1 = 2 ;"),
    ("naïve café — “quoted” … ١٢.٣", "naive café - “quoted” … ١٢.٣ <skipped>"),
    ("ΟΔΟΣ İstanbul STRASSE Straße", "οδος istanbul strasse STRASSE"),
]
KOREAN = [
    ("오늘은 날씨가 정말 좋네요.", "오늘 날씨가 참 좋네요!"),
    ("저는 학교에 갑니다.", "나는 학교에 간다."),
    ("밥 먹었어요?", "밥은 먹었어요?"),
    ("가격은 1,000원입니다.", "값은 1,000 원이에요."),
]
NONE = [("abc def", "ghi jkl"), ("", "one two three"), ("x y", "z")]
SHORT = [("yes", "yes"), ("no way", "no way"), ("", "")]
CASES = {"english": ENGLISH, "odd": ODD, "korean": KOREAN, "mixed": ENGLISH + ODD + KOREAN, "nothing in common": NONE, "short": SHORT,
         "unigrams only": [("a b c d e", "e d c b a")], "too short": ENGLISH[:2] + [("", "A lost sentence of some length.")] * 3}


# Several references each.
MANY = [
    ("A dog runs on the grass .", ["A brown dog is running on grass .", "The dog runs over the green grass .", "a dog runs"]),
    ("two men on a boat", ["Two men sit on a small boat", "men on a boat on a lake at night", "two men on boat"]),
    ("the the the girl", ["the girl", "the the girl with a ball and a hat", "a girl"]),
]


def many():
    hypotheses, references = [h for h, _ in MANY], [r for _, r in MANY]
    streams = [list(stream) for stream in zip(*references)]
    figures = [BLEU(max_ngram_order=n).corpus_score(hypotheses, streams) for n in (1, 2, 3, 4)]
    full = figures[-1]
    return dict(hypotheses=hypotheses, references=references, by_order=[f.score for f in figures], brevity_penalty=full.bp,
                lengths=[full.sys_len, full.ref_len])


def case(name, pairs, tokenize, lowercase):
    hypotheses, references = [h for h, _ in pairs], [r for _, r in pairs]
    figures = [BLEU(tokenize=tokenize, lowercase=lowercase, max_ngram_order=n).corpus_score(hypotheses, [references]) for n in (1, 2, 3, 4)]
    full = figures[-1]
    return dict(name=f"{name}, {tokenize}, lowercase {lowercase}", config=dict(tokenize=tokenize, lowercase=lowercase), hypotheses=hypotheses,
                references=references, by_order=[f.score for f in figures], precisions=full.precisions, brevity_penalty=full.bp,
                lengths=[full.sys_len, full.ref_len])


def main():
    cases = [case(name, pairs, "13a", False) for name, pairs in CASES.items()]
    cases += [case(name, CASES[name], "13a", True) for name in ("english", "odd", "mixed")]
    cases += [case(name, CASES[name], "char", False) for name in ("korean", "mixed", "nothing in common")]
    cases += [case("mixed", CASES["mixed"], "char", True)]
    with open("bleu.json", "w", encoding="utf-8") as file:
        json.dump(cases, file, ensure_ascii=False, indent=1)
        file.write("\n")
    with open("bleu_many.json", "w", encoding="utf-8") as file:
        json.dump(many(), file, indent=1)
        file.write("\n")
    print(len(cases), "cases with sacreBLEU", sacrebleu.__version__)


main()
