class Identity(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def same(self: __torch__.Identity, x: Tensor) -> Tensor:
    return torch.mul(x, 1)
