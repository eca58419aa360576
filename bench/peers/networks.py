# SPDX-License-Identifier: Apache-2.0
"""The two networks, written plainly in PyTorch, with the parameter names of ours (lib/qnet)."""

import torch
import torch.nn.functional as F
from torch import nn

POINTS, SCALARS = 18, 21


class Aligned(nn.Module):
    """A small tower, and a head that samples its map at the points where the gripper would be."""

    def __init__(self, channels=32, width=160, width2=128):
        super().__init__()
        inputs = channels * (POINTS + 1) + SCALARS
        self.conv1 = nn.Conv2d(3, channels // 2, 5, stride=2, padding=2)
        self.conv2 = nn.Conv2d(channels // 2, channels, 3, stride=2, padding=1)
        self.conv3 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv4 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm_in = nn.LayerNorm(inputs)
        self.linear1 = nn.Linear(inputs, width)
        self.norm1 = nn.LayerNorm(width)
        self.linear2 = nn.Linear(width, width2)
        self.linear3 = nn.Linear(width2, 1)

    def tower(self, image):
        x = F.relu(self.conv1(image))
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x))
        return F.relu(self.conv4(x))

    def head(self, features, grid, scalars):
        actions = grid.shape[1]
        points = F.grid_sample(features, grid, mode="bilinear", padding_mode="border", align_corners=False)
        points = points.permute(0, 2, 3, 1).flatten(2)
        mean = features.mean((2, 3)).unsqueeze(1).expand(-1, actions, -1)
        x = self.norm_in(torch.cat([points, mean, scalars], 2))
        x = F.relu(self.norm1(self.linear1(x)))
        x = F.relu(self.linear2(x))
        return self.linear3(x).squeeze(2)

    def forward(self, image, grid, scalars):
        return self.head(self.tower(image), grid, scalars)


class Norm(nn.Module):
    """Batch normalisation in evaluation, with or without a scale."""

    def __init__(self, channels, has_scale=True):
        super().__init__()
        if has_scale:
            self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.register_buffer("moving_mean", torch.zeros(channels))
        self.register_buffer("moving_variance", torch.ones(channels))

    def forward(self, x):
        scale = getattr(self, "scale", torch.ones_like(self.shift))
        return F.relu(F.batch_norm(x, self.moving_mean, self.moving_variance, scale, self.shift, False, 0, 1e-3))


BLOCKS = {
    "world_vector": 3,
    "vertical_rotation": 2,
    "close_gripper": 1,
    "open_gripper": 1,
    "terminate_episode": 1,
    "gripper_closed": 1,
    "height_to_bottom": 1,
}


def pool(x, size):
    """TensorFlow's SAME: the odd cell of padding goes behind; after a ReLU nothing is below 0."""
    v, u = (-x.shape[2] % size, -x.shape[3] % size)
    return F.max_pool2d(F.pad(x, (u // 2, u - u // 2, v // 2, v - v // 2)), size)


class Grasping44(nn.Module):
    """The paper's network in evaluation, at 472 x 472 pixels."""

    def __init__(self):
        super().__init__()
        for i in range(1, 17):
            kernel, stride, padding = (6, 2, 2) if i == 1 else (5, 1, 2) if i <= 7 else (3, 1, 1 if i <= 13 else 0)
            conv = nn.Conv2d(3 if i == 1 else 64, 64, kernel, stride=stride, padding=padding, bias=i == 1)
            setattr(self, f"conv{i}", conv)
            setattr(self, f"conv{i}_norm", Norm(64, i > 1))
        for name, width in BLOCKS.items():
            setattr(self, f"block_{name}", nn.Linear(width, 256))
        self.blocks_norm = Norm(256, False)
        self.vector, self.vector_norm = nn.Linear(256, 64, bias=False), Norm(64)
        self.fc1, self.fc1_norm = nn.Linear(4096, 64, bias=False), Norm(64)
        self.fc2, self.fc2_norm = nn.Linear(64, 64, bias=False), Norm(64)
        self.logit = nn.Linear(64, 1)

    def layer(self, name, x):
        return getattr(self, f"{name}_norm")(getattr(self, name)(x))

    def tower(self, image):
        x = pool(self.layer("conv1", image + 0.5), 3)
        for i in range(2, 8):
            x = self.layer(f"conv{i}", x)
        return pool(x, 3)

    def head(self, features, scalars):
        """One state's map [1, 64, 27, 27] and scalars [A, 10]: logits [A]."""
        total, at = 0, 0
        for name, width in BLOCKS.items():
            total = total + getattr(self, f"block_{name}")(scalars[:, at : at + width])
            at += width
        vector = self.layer("vector", self.blocks_norm(total))
        x = features + vector[:, :, None, None]
        for i in range(8, 14):
            x = self.layer(f"conv{i}", x)
        x = pool(x, 2)
        for i in range(14, 17):
            x = self.layer(f"conv{i}", x)
        x = x.permute(0, 2, 3, 1).flatten(1)
        return self.logit(self.layer("fc2", self.layer("fc1", x))).squeeze(1)
