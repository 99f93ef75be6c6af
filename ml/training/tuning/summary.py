"""What a study leaves for people and programs: study.json, study.md and study.svg, written anew after every trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from ml.training.run_folder import replace_text, write_json
from ml.training.tuning.objective import in_words
from ml.training.tuning.storage import UNTUNED
from ml.training.tuning.study import FINISHED, untuned_trial
from ml.training.tuning.study_chart import Line, draw_best_so_far
from ml.training.tuning.verdict import Verdict

SHOWN = 10
FEWEST_FOR_IMPORTANCES = 8


def best_so_far(study: Study) -> list[tuple[int, float]]:
    """The number of each trial that ran to its end, and the best score up to it."""
    better = max if study.direction == StudyDirection.MAXIMIZE else min
    line: list[tuple[int, float]] = []
    for trial in _complete(study):
        score = float(trial.value or 0.0)
        line.append((trial.number, better(score, line[-1][1]) if line else score))
    return line


def write_summary(out: Path, study: Study, facts: Mapping[str, Any], verdict: Verdict | None = None) -> dict[str, Any]:
    """Write all three files into `out`; what study.json holds. The verdict is there when all is done."""
    summary = _summary(study, facts, verdict)
    write_json(out / "study.json", summary)
    replace_text(out / "study.md", "\n".join(_page(summary)) + "\n")
    untuned = untuned_trial(study)
    scores = [(trial.number, float(trial.value or 0.0)) for trial in _complete(study)]
    line = Line("best so far", best_so_far(study), dots=scores)
    title = f"{study.study_name}: best of {len(scores)} trials that ran to their end"
    score = f"validation {facts['objective']}"
    drawing = draw_best_so_far(title, score, [line], float(untuned.value or 0.0) if untuned else None)
    replace_text(out / "study.svg", drawing)
    return summary


def _summary(study: Study, facts: Mapping[str, Any], verdict: Verdict | None) -> dict[str, Any]:
    trials = study.get_trials(deepcopy=False)
    summary: dict[str, Any] = {
        **facts,
        "finished": sum(trial.state in FINISHED for trial in trials),
        "pruned": sum(trial.state == TrialState.PRUNED for trial in trials),
        "failed": sum(trial.state == TrialState.FAIL for trial in trials),
        "trials": [_facts_of(trial) for trial in trials if trial.state in FINISHED],
    }
    if verdict:
        summary["importances"] = importances(study)
        summary["verdict"] = {
            "sentence": verdict.sentence,
            "kept": "untuned" if verdict.trial is None else f"trial {verdict.trial}",
            "bundle": str(verdict.kept.folder),
            "validation": {"untuned": dict(verdict.untuned), "tuned": dict(verdict.tuned) if verdict.tuned else None},
        }
    return summary


def importances(study: Study) -> dict[str, float]:
    """Which settings the score hangs on, by functional ANOVA (Hutter and others, 2014); none of few trials."""
    if len(_complete(study)) < FEWEST_FOR_IMPORTANCES:
        return {}
    shares = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0))
    return {name: round(float(share), 3) for name, share in shares.items()}


def _complete(study: Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def _facts_of(trial: FrozenTrial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "state": trial.state.name.lower(),
        "score": trial.value,
        **{name: trial.user_attrs.get(name) for name in ("accuracy", "log_loss", "seconds")},
        "untuned": bool(trial.user_attrs.get(UNTUNED)),
        "settings": dict(trial.params),
    }


def _page(summary: Mapping[str, Any]) -> Iterator[str]:
    """The table in Markdown: the best trials and the untuned one, what mattered, and the verdict."""
    yield "| trial | log-loss | accuracy | seconds | settings |"
    yield "|---|---|---|---|---|"
    for trial in _shown(summary["trials"], summary["objective"]):
        name = f"{trial['number']} (untuned)" if trial["untuned"] else str(trial["number"])
        numbers = f"{trial['log_loss']:.4f} | {trial['accuracy']:.4f} | {trial['seconds']:.1f}"
        yield f"| {name} | {numbers} | {in_words(trial['settings'])} |"
    yield ""
    yield (
        f"{summary['finished']} trials, {summary['pruned']} of them ended early; sampler {summary['sampler']}, "
        f"pruner {summary['pruner']}. Scores are of validation pictures."
    )
    if found := summary.get("importances"):
        yield "\nWhat the score hangs on: " + ", ".join(f"{name} {share:.0%}" for name, share in found.items()) + "."
    if "verdict" in summary:
        sentence = summary["verdict"]["sentence"]
        yield f"\n{sentence[0].upper()}{sentence[1:]}. Bundle: {summary['verdict']['bundle']}"


def _shown(trials: Sequence[Mapping[str, Any]], objective: str) -> list[Mapping[str, Any]]:
    sign = -1 if objective == "accuracy" else 1
    complete = [trial for trial in trials if trial["state"] == "complete"]
    ranked = sorted(complete, key=lambda trial: (sign * trial["score"], trial["number"]))
    return [*ranked[:SHOWN], *(trial for trial in ranked[SHOWN:] if trial["untuned"])]
