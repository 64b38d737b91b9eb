import copy
import unittest
from unittest import mock

import torch
import torch.nn.functional as F
from digit_classifier.model import DigitClassifier
from digit_classifier.train import accuracy, train, train_one_epoch
from torch.utils.data import DataLoader, TensorDataset


class TestTraining(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(5)
        self.dataset = TensorDataset(torch.rand(13, 1, 28, 28), torch.randint(0, 10, (13,)))
        self.loader = DataLoader(self.dataset, batch_size=5)
        self.model = DigitClassifier(dropout=0.0)

    def optimizer(self, lr):
        return torch.optim.SGD(self.model.parameters(), lr=lr)

    def test_one_step_is_gradient_descent(self):
        twin = copy.deepcopy(self.model)
        whole = list(DataLoader(self.dataset, batch_size=13))
        F.cross_entropy(twin(whole[0][0]), whole[0][1]).backward()
        train_one_epoch(self.model, whole, self.optimizer(0.5))
        for ours, theirs in zip(self.model.parameters(), twin.parameters()):
            self.assertTrue(torch.allclose(ours, theirs - 0.5 * theirs.grad, atol=1e-6))

    def test_gradient_is_that_of_the_last_batch(self):
        train_one_epoch(self.model, self.loader, self.optimizer(0.0))
        got = [p.grad.clone() for p in self.model.parameters()]
        self.model.zero_grad()
        images, target = list(self.loader)[-1]
        F.cross_entropy(self.model(images), target).backward()
        for ours, theirs in zip(got, self.model.parameters()):
            self.assertTrue(torch.allclose(ours, theirs.grad, atol=1e-6))

    def test_loss_of_an_epoch(self):
        loss = train_one_epoch(self.model, self.loader, self.optimizer(0.0))
        images, target = self.dataset.tensors
        self.assertAlmostEqual(loss, F.cross_entropy(self.model(images), target).item(), places=4)

    def test_train_mode_while_training(self):
        self.model.eval()
        with mock.patch.object(DigitClassifier, "forward", autospec=True, side_effect=DigitClassifier.forward) as spy:
            train_one_epoch(self.model, self.loader, self.optimizer(0.1))
        self.assertEqual(spy.call_count, 3)
        self.assertTrue(self.model.training)

    def test_accuracy(self):
        self.model.eval()
        images, target = self.dataset.tensors
        expected = (self.model(images).argmax(dim=1) == target).float()
        expected[0] = 0.0
        wrong = target.clone()
        wrong[0] = (self.model(images[:1]).argmax() + 1) % 10
        wrong[1:8] = self.model(images[1:8]).argmax(dim=1)
        expected[1:8] = 1.0
        loader = DataLoader(TensorDataset(images, wrong), batch_size=5)
        self.assertAlmostEqual(accuracy(self.model, loader), expected.mean().item(), places=6)
        self.assertFalse(self.model.training)

    def test_accuracy_with_much_dropout(self):
        model = DigitClassifier(dropout=0.9)
        images = torch.rand(64, 1, 28, 28)
        model.eval()
        answers = model(images).argmax(dim=1)
        model.train()
        self.assertEqual(accuracy(model, [(images, answers)]), 1.0)
        self.assertTrue(model.training)

    def test_seeds(self):
        states = [list(train(self.dataset, epochs=2, seed=seed).state_dict().values()) for seed in (1, 1, 2)]
        same = [torch.equal(a, b) for a, b in zip(states[0], states[1])]
        self.assertTrue(all(same))
        self.assertFalse(all(torch.equal(a, b) for a, b in zip(states[0], states[2])))

    def test_learning_rate(self):
        for lr in (0, -1):
            with self.assertRaises(ValueError):
                train(self.dataset, lr=lr)
