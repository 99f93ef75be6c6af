"""Watching a pretraining: probes on the way, their curve, and the latest trunk, so that a run can be judged early."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console

from ml.training.learner import Score
from ml.training.pretraining.material import Material
from ml.training.pretraining.pace import Pace
from ml.training.pretraining.probe import probe
from ml.training.pretraining.probe_log import add_probe
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
    reached: Score | None = None

    def validate(self, size: int) -> Score:
        """The last probe's score on the first set's validation pictures; a new probe where it is time for one."""
        epoch = self._epochs() + 1
        self.console.print(f"epoch {epoch}: {self.pace.taken_parts()}", highlight=False, soft_wrap=True)
        if epoch % self.settings.probe_epochs == 0:
            self.probe(size, epoch)
        return self.reached or Score()

    def probe(self, size: int, epoch: int | None = None) -> None:
        """Probe all sets, write the line, the curve and the latest trunk."""
        from ml.networks.vgg16 import fold_normalisation
        from ml.networks.weights import save_weights

        epoch = epoch or self._epochs()
        per_epoch = self._pictures_an_epoch()
        probes = self.settings.probes
        reached = {name: probe(self.student.trunk, self.material, name, size) for name in probes}
        add_probe(self.run, {"epoch": epoch, "size": size, "pictures": epoch * per_epoch}, reached)
        for name, splits in reached.items():
            said = ", ".join(f"{split} {one.top1:.3f} / {one.top5:.3f}" for split, one in splits.items())
            self.console.print(f"probe on {name} at {size} px: {said}", highlight=False, soft_wrap=True)
        if reached and (first := reached[probes[0]].get("validation")):
            hits = round(first.top1 * first.pictures)
            self.reached = Score(first.log_loss * first.pictures, hits, first.pictures, first.pictures)
        save_weights(fold_normalisation(self.student.trunk), self.run.path / f"latest{WEIGHTS_SUFFIX}")

    def _pictures_an_epoch(self) -> int:
        """Pictures of a whole epoch."""
        batch = self.settings.batch_size
        rows = len(self.material.rows("train"))
        return max(1, rows // batch) * min(batch, rows)

    def _epochs(self) -> int:
        return sum(line["step"] == STEP for line in self.run.curves())
