class AdamW(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def squares(self: __torch__.AdamW, G: List[Tensor]) -> List[Tensor]:
    sums = annotate(List[Tensor], [])
    for i in range(len(G)):
      sums.append(torch.sum(torch.mul(G[i], G[i]), dtype=7))
    return [torch.stack(sums, 0)]
  def update(self: __torch__.AdamW, reals: Tensor, rates: Tensor, decays: Tensor, P: List[Tensor], G: List[Tensor], M: List[Tensor], V: List[Tensor]) -> List[Tensor]:
    beta1 = float(reals[0].item())
    beta2 = float(reals[1].item())
    size = float(reals[2].item())
    root = float(reals[3].item())
    epsilon = float(reals[4].item())
    factor = float(reals[5].item())
    for i in range(len(P)):
      g = torch.mul(G[i], factor)
      p = torch.mul_(P[i], float(decays[i].item()))
      m = torch.add_(torch.mul_(M[i], beta1), g, alpha=1. - beta1)
      v = torch.addcmul_(torch.mul_(V[i], beta2), g, g, value=1. - beta2)
      d = torch.add(torch.div(torch.sqrt(v), root), epsilon)
      q = torch.addcdiv_(p, m, d, value=-(size * float(rates[i].item())))
    return [reals]
