"""The shortest tree of some dozens of points in the plane, with a proof: prices that no component undercuts.

Give every pair of terminals a price, such that prices are an ultrametric: of three, the two largest are equal. Let a
set of terminals cost what its minimum spanning tree by price does. If sets S and T share a terminal, S | T costs no
more than S and T together, as their spanning trees join it; so a tree, which is made of full components, is at least as
long as all terminals cost, *if no full component is shorter than its terminals cost*. Single linkage is the example
that proves half the spanning tree: prices of half the bottleneck distances. The best prices are the dual of the linear
relaxation by which components are chosen, and nearly always they prove all.

Pairs at a price of at most t make clusters, and the cost w(S) is the integral over t of the number of clusters that S
meets, less 1. Such a number grows with S, and the less by more terminals the more S has already; so where S and T share
a terminal, ``w(S | T) + w(S & T) <= w(S) + w(T)``. This is used below wherever costs of parts are compared.

Whether a component is too short is asked of all, by a search that grows branches: a full tree cut at an edge falls into
two, and each is made of two smaller ones that meet at a Steiner point, its root. Let S be the smallest set with a tree
shorter than it costs, and if there are several, the one with the shortest tree. All smaller sets obey their prices; so
the tree F of S is full, its angles are 120 degrees, and every rule that rules a branch out is an exchange that would
leave a smaller set with a tree that is too short, or S with a shorter one. D is a branch with its root at y, of length
L(y) and terminals of cost w(D), X the other terminals of S, and f(y) the length of a branch with the edge from its root
to y.

- *angle*: at the root two branches arrive with 120 degrees between them. Their slopes there are known in a cell up to
  its radius, by convexity (`kernels.cells`, `kernels.branches`).
- *longest edge*: taken out, an edge of length t leaves two trees, of S' and S'', no shorter than these cost. So t is
  less than what S costs more, which is at most the price of any pair across.
- *budget*: without the branch D and the edge from its root to y the tree still joins the others, whose cost it obeys.
  So f(y) is less than what S costs more, and that is at most what D and E cost together, less what E does, for the
  other branch E that meets D at y.
- *spanning tree*: with an edge from y to a terminal p of D instead of D the tree joins X and p. So L(y) is less than
  w(D) and the distance from y to p.
- *lune*: no terminal z is nearer to both ends of an edge a b of F than they are to each other. Without the edge, of
  length t, there are two trees, of S' at a and S'' at b. As prices are an ultrametric, one of them, S'' say, has no
  lower price to z than S' and S'' have to each other, least prices across. Then the tree of S'' with an edge from b to
  z is too short if that is shorter than t: it undercuts the cost of S'' and z by as much as F does that of S, or more.
  S'' and z are fewer than S, or as many with a shorter tree.
- *other trees*: D is no longer than the same branch with two of its subtrees exchanged (F is the shortest tree of S);
  and than any branch without one terminal p, to y, and the least price of p to the others of D (without p, S obeys its
  cost).

Each rule compares lengths with a sum of prices that is in proportion to these and not negative. So what is ruled out
is so by all lower multiples of the prices, too: where suspects are no shorter than a share of what they cost, that
share of the prices has no violator at all, as the smallest would be among them. That is how a bound comes of prices
that are a little too high for some sets, and of lengths that are known from below only.

Lengths of all suspects become known, also of those that are long enough: then prices rise to where these allow it, and
rounds are fewer. Each round proves a bound, by the share of the prices that its suspects obey.

Seldom (1 of 20 sets of 25 points) the relaxation is not whole: the best prices leave a slack, by which a known tree is
longer than all terminals cost. As no component is shorter than it costs, none of a shorter tree is longer than it costs
by more than the slack. All these are searched for, by the same rules: now F is a component of the shortest tree T of
all. What F is shorter than in the rules on budget, longest edge, spanning tree and branches without a terminal is more
by the slack, as these compare F with what its parts cost; lune and exchanged subtrees hold as they stand, as else T
were not the shortest. Of the few that are left the best choice is found by cases (`_choices`), with prices as bounds.

Cells that are not ruled out are divided, down to a share of the longest edge; what is left of them are suspects, for
the enumeration of all topologies to decide. Large cells stand for the small ones in them where these are small beside
what edges are to end in (a quarter of the time of a search). To search takes nearly all the time, so components that
are near their prices are grown before (`Known.grow`): most often the prices of the first search for all are the last.

Rules on lengths compare trees that were minimised at the centre of a cell with bounds that hold wherever the
minimisation stopped.
"""

from ._certificate import certified_tree

__all__ = ["certified_tree"]
