"""Prints what AdamWTest compares with: torch's AdamW and clip_grad_norm_ on fixed gradients.

Run with torch 2.15.0: python make_adamw_golden.py
"""
import torch

torch.manual_seed(0)
a = torch.nn.Parameter(torch.tensor([[0.5, -1.0], [2.0, 0.25]]))
b = torch.nn.Parameter(torch.tensor([1.5, -0.75, 0.125]))
optimizer = torch.optim.AdamW([a, b], lr=0.01, betas=(0.9, 0.95), eps=1e-3, weight_decay=0.1, foreach=False, fused=False)
for t in range(1, 6):
    a.grad = torch.tensor([[0.3 * t, -0.2], [0.1, 0.4]])
    b.grad = torch.tensor([-0.5, 0.05 * t, 0.25])
    norm = torch.nn.utils.clip_grad_norm_([a, b], 0.8)
    optimizer.step()
    print(f"{norm.item():.8f}", [f"{x:.8f}" for x in a.detach().flatten().tolist() + b.detach().tolist()])
