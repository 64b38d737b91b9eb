"""Train on the digits with your model, your callback and your trainer. Given.

python train.py
"""

import pytorch_lightning as pl
from callbacks import LossHistory
from model import MyAwesomeModel
from torch.utils.data import DataLoader, TensorDataset
from trainer import make_trainer

from mlops_course.device import choose_device
from mlops_course.digits import digit_tensors

if __name__ == "__main__":
    pl.seed_everything(0)
    history = LossHistory()
    trainer = make_trainer("checkpoints", device=choose_device(), max_epochs=20)
    trainer.callbacks.append(history)
    training = DataLoader(TensorDataset(*digit_tensors("train")), batch_size=50, shuffle=True)
    validation = DataLoader(TensorDataset(*digit_tensors("test")), batch_size=50)
    trainer.fit(MyAwesomeModel(), training, validation)
    print("validation loss by epoch:", [round(loss, 3) for loss in history.val_losses])
    best = MyAwesomeModel.load_from_checkpoint("checkpoints/best.ckpt")
    trainer.validate(best, validation)
