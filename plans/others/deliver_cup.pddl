; plan of a temporal planner (POPF), as PlanSys2 gets it
0.000: (announce tars kitchen)                  [3.000]
0.000: (move tars home kitchen)                 [20.000]
20.001: (look_for tars cup kitchen)             [2.000]
22.002: (pick_up tars red_cup kitchen)          [15.000]
37.003: (move tars kitchen living_room)         [20.000]
57.004: (put_down tars red_cup living_room)     [15.000]
