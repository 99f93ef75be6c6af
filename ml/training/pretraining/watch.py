"""Watching a pretraining: probes on the way, their curve, and the latest trunk, so that a run can be judged early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from ml.training.learner import Score
from ml.training.pretraining.material import Material
from ml.training.pretraining.pace import Pace
from ml.training.pretraining.probe import probe
from ml.training.pretraining.probe_log import add_probe, read_probes
from ml.training.pretraining.settings import PretrainSettings
from ml.training.pretraining.student import Student
from ml.training.run_folder import WEIGHTS_SUFFIX, RunFolder

STEP = "pretrain"


@dataclass
class Watch:
    """Probes the trunk on the way, and keeps the latest trunk where a run can be judged before it ends."""

    run: RunFolder
    student: Student
    pace: Pace
    material: Material
    settings: PretrainSettings
    console: Console

    def validate(self, size: int) -> Score:
        """The last probe's score, as `last_score` has it; a new probe where it is time for one."""
        epoch = self._epochs() + 1
        self.console.print(f"epoch {epoch}: {self.pace.taken_parts()}", highlight=False, soft_wrap=True)
        if epoch % self.settings.probe_epochs == 0:
            self.probe(size, epoch)
        return last_score(self.run, self.settings.probes)

    def probe(self, size: int, epoch: int | None = None) -> None:
        """Probe all sets, write the line, the curve and the latest trunk."""
        from ml.networks.vgg16 import fold_normalisation
        from ml.networks.weights import save_weights

        epoch = epoch or self._epochs()
        probed = self.settings.probes
        reached = {name: probe(self.student.trunk, self.material, name, size) for name in probed}
        add_probe(self.run, {"epoch": epoch, "size": size, "pictures": epoch * self._pictures_an_epoch()}, reached)
        for name, splits in reached.items():
            said = ", ".join(f"{split} {one.top1:.3f} / {one.top5:.3f}" for split, one in splits.items())
            self.console.print(f"probe on {name} at {size} px: {said}", highlight=False, soft_wrap=True)
        save_weights(fold_normalisation(self.student.trunk), self.run.path / f"latest{WEIGHTS_SUFFIX}")

    def _pictures_an_epoch(self) -> int:
        """Pictures of a whole epoch."""
        batch = self.settings.batch_size
        rows = len(self.material.rows("train"))
        return max(1, rows // batch) * min(batch, rows)

    def _epochs(self) -> int:
        return sum(line["step"] == STEP for line in self.run.curves())


def last_score(run: RunFolder, probed: Sequence[str]) -> Score:
    """What the last probe reached on the first set's validation pictures, in whichever sitting; empty without one."""
    lines = read_probes(run)
    reached = lines[-1]["sets"].get(probed[0], {}).get("validation") if lines and probed else None
    if not reached:
        return Score()
    pictures = int(reached["pictures"])
    return Score(reached["log_loss"] * pictures, round(reached["top1"] * pictures), pictures, pictures)
