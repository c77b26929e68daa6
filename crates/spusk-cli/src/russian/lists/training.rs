//! Losses, optimizers and schedules.

/// What they do, and their arguments.
pub(super) const TRAINING: &[(&str, &str)] = &[
    (
        "Cross-entropy of yes-or-no questions, one for each output.",
        "Перекрёстная энтропия вопросов «да или нет», по одному на каждый выход.",
    ),
    (
        "What a yes counts for, one number for all outputs or one each; none means 1",
        "Сколько весит «да»: одно число для всех выходов или по числу на каждый; если пусто — 1",
    ),
    (
        "Cross-entropy of the classes: −ln of the probability given to the right one.",
        "Перекрёстная энтропия классов: −ln вероятности, данной верному классу.",
    ),
    (
        "Share of the target that is spread over all classes",
        "Доля цели, разделённая между всеми классами",
    ),
    (
        "What each class counts for, one number a class; none means 1 for all",
        "Сколько весит каждый класс, по числу на класс; если пусто — все по 1",
    ),
    (
        "Multi-class hinge: every wrong class should score at least a margin below the right \
         one.",
        "Кусочно-линейная потеря для классов: каждый неверный должен отстать от верного хотя \
         бы на запас.",
    ),
    ("By how much the right class should win", "С каким перевесом должен побеждать верный класс"),
    (
        "Squared for small errors, absolute for large ones: outliers pull, but not without \
         bound.",
        "Для малых ошибок квадрат, для больших модуль: выбросы тянут, но не безгранично.",
    ),
    (
        "The error δ where the loss turns from squared to absolute, in the targets' unit",
        "Ошибка δ, на которой потеря переходит от квадрата к модулю, в единицах цели",
    ),
    (
        "Kullback–Leibler divergence of the network's probabilities from given ones.",
        "Расхождение Кульбака — Лейблера вероятностей сети с заданными.",
    ),
    (
        "ln cosh(y − t): squared for small errors, absolute for large ones, smooth throughout.",
        "ln cosh(y − t): для малых ошибок как квадрат, для больших как модуль, всюду гладко.",
    ),
    (
        "Mean absolute error: |y − t|, averaged over the outputs.",
        "Средний модуль ошибки: |y − t|, среднее по выходам.",
    ),
    (
        "Mean squared error: (y − t)², averaged over the outputs.",
        "Средний квадрат ошибки: (y − t)², среднее по выходам.",
    ),
    (
        "Quantiles in place of the mean: max(q·e, (q − 1)·e) with e = t − y, for each quantile \
         q.",
        "Квантили вместо среднего: max(q·e, (q − 1)·e), где e = t − y, для каждого квантиля q.",
    ),
    ("Shares between 0 and 1", "Доли между 0 и 1"),
    (
        "Steps in the parameters' own unit: the past steps' size over the past gradients' size.",
        "Шаги в единицах самих параметров: размер прежних шагов на размер прежних градиентов.",
    ),
    ("Share ρ of the averages that a step keeps", "Доля ρ средних, которую шаг сохраняет"),
    (
        "Added under both roots; it decides how long the first steps are",
        "Прибавляется под обоими корнями; от этого зависит длина первых шагов",
    ),
    (
        "Steps divided by the root of all past squared gradients: rare features keep long \
         steps.",
        "Шаги делятся на корень из всех прежних квадратов градиента: у редких признаков они \
         остаются длинными.",
    ),
    ("The sum of squared gradients to begin with", "Сумма квадратов градиента в начале"),
    (
        "Added to the root, so that nothing is divided by 0",
        "Прибавляется к корню, чтобы не делить на 0",
    ),
    (
        "Adam: momentum, with steps scaled by each gradient's usual size.",
        "Adam: момент и шаги по мерке обычного размера каждого градиента.",
    ),
    (
        "Share β₁ of the average gradient that a step keeps",
        "Доля β₁ среднего градиента, которую шаг сохраняет",
    ),
    (
        "Share β₂ of the average squared gradient that a step keeps",
        "Доля β₂ среднего квадрата градиента, которую шаг сохраняет",
    ),
    (
        "Adam with weight decay beside the gradient.",
        "Adam с затуханием весов отдельно от градиента.",
    ),
    (
        "Share λ of a parameter that is taken off each step, times the learning rate",
        "Доля λ параметра, отнимаемая за шаг, умноженная на скорость обучения",
    ),
    (
        "Adaptive Nesterov momentum: Adam that also averages how the gradient changes.",
        "Адаптивный момент Нестерова: Adam, который усредняет и изменение градиента.",
    ),
    (
        "Share β₂ of the average change of the gradient that a step keeps",
        "Доля β₂ среднего изменения градиента, которую шаг сохраняет",
    ),
    (
        "Share β₃ of the average square that a step keeps",
        "Доля β₃ среднего квадрата, которую шаг сохраняет",
    ),
    (
        "How strongly parameters are drawn to 0, times the learning rate",
        "Как сильно параметры тянет к 0, умноженное на скорость обучения",
    ),
    (
        "Plain gradient descent: new = old − step · gradient.",
        "Простой градиентный спуск: новое = старое − шаг · градиент.",
    ),
    (
        "The length |new − old| below which training stops; 0 for never",
        "Длина |новое − старое|, ниже которой обучение кончается; 0 — никогда",
    ),
    (
        "Steps of one length in every parameter, in the direction of the momentum's sign.",
        "Шаги одной длины у всех параметров, по знаку момента.",
    ),
    (
        "Share β₁ of the average gradient in the direction of a step",
        "Доля β₁ среднего градиента в направлении шага",
    ),
    (
        "Share β₂ of the average gradient that a step keeps",
        "Доля β₂ среднего градиента, которую шаг сохраняет",
    ),
    ("Adam with Nesterov's look ahead.", "Adam со взглядом вперёд по Нестерову."),
    (
        "How quickly the momentum μ grows from β₁/2 to β₁",
        "Как быстро момент μ растёт от β₁/2 до β₁",
    ),
    (
        "Adam that finds its learning rate: d grows until it is the distance to go.",
        "Adam, который сам находит скорость обучения: d растёт, пока не сравняется с нужным \
         расстоянием.",
    ),
    (
        "Added to the root, times d, so that nothing is divided by 0",
        "Прибавляется к корню, умноженное на d, чтобы не делить на 0",
    ),
    (
        "How strongly parameters are drawn to 0, times the learning rate found",
        "Как сильно параметры тянет к 0, умноженное на найденную скорость обучения",
    ),
    ("The first d₀, far below any distance", "Начальное d₀, много меньше любого расстояния"),
    (
        "What d is multiplied by: 0.5 for a careful one, 2 for a bold one",
        "На что умножается d: 0.5 — осторожно, 2 — смело",
    ),
    (
        "Whether m and v are corrected for their start as in Adam",
        "Поправляются ли m и v на начало, как в Adam",
    ),
    (
        "Whether η is left out of s, so that a long warm-up does not make d too large",
        "Не входит ли η в s, чтобы долгий разогрев не сделал d слишком большим",
    ),
    (
        "Adam that warms up by itself: no scaling until the squared gradients are known well \
         enough.",
        "Adam с собственным разогревом: без масштаба, пока квадраты градиента не известны \
         достаточно.",
    ),
    (
        "Steps divided by the root of each gradient's mean square.",
        "Шаги делятся на корень из среднего квадрата каждого градиента.",
    ),
    (
        "Share μ of the past steps' sum that is kept",
        "Доля μ суммы прежних шагов, которая сохраняется",
    ),
    (
        "Whether the mean gradient is subtracted, so that v is a variance",
        "Вычитается ли средний градиент, чтобы v было дисперсией",
    ),
    (
        "AdamW whose averages take the place of a schedule: good at every step, whenever it \
         ends.",
        "AdamW, у которого средние заменяют расписание: хорош на каждом шаге, когда бы ни \
         остановили.",
    ),
    ("How near to the average x gradients are taken", "Как близко к среднему x берутся градиенты"),
    (
        "Stochastic gradient descent, with momentum if asked for.",
        "Стохастический градиентный спуск, с моментом, если попросят.",
    ),
    (
        "Share μ of the past gradients' sum that is kept",
        "Доля μ суммы прежних градиентов, которая сохраняется",
    ),
    (
        "Whether to look ahead by the momentum, as Nesterov does",
        "Смотреть ли вперёд на момент, по Нестерову",
    ),
    ("The same learning rate throughout.", "Скорость обучения всё время одна."),
    (
        "Steps at the beginning over which the factor grows from 0 to 1",
        "Шагов в начале, за которые множитель растёт от 0 до 1",
    ),
    (
        "From 1 down along half a cosine wave, again and again if asked for.",
        "От 1 вниз по половине волны косинуса, снова и снова, если попросят.",
    ),
    ("The factor at the end of each cycle", "Множитель в конце каждого цикла"),
    ("How many cycles the run has", "Сколько циклов в обучении"),
    ("From 1 down by the same share each step.", "От 1 вниз, каждый шаг на ту же долю."),
    ("The factor at the end of the run", "Множитель в конце обучения"),
    ("From 1 down in a straight line.", "От 1 вниз по прямой."),
    (
        "Up to 1 and down again, both along half a cosine wave.",
        "Вверх до 1 и снова вниз, то и другое по половине волны косинуса.",
    ),
    (
        "The part of the run in which the learning rate grows",
        "Часть обучения, в которой скорость растёт",
    ),
    ("The factor at the first step", "Множитель на первом шаге"),
    ("The factor at the last step", "Множитель на последнем шаге"),
    (
        "Down by a factor whenever the validation loss has stopped falling.",
        "Вниз в несколько раз всякий раз, когда потеря на проверке перестала падать.",
    ),
    ("What the learning rate is multiplied by", "На что умножается скорость обучения"),
    ("Validations without progress that are borne", "Сколько проверок без улучшения терпеть"),
    ("The share of the loss that counts as progress", "Доля потери, которая считается улучшением"),
    ("The least factor", "Наименьший множитель"),
    (
        "Down by a factor at some points of the run.",
        "Вниз в несколько раз в нескольких точках обучения.",
    ),
    (
        "What the learning rate is multiplied by at each point",
        "На что умножается скорость обучения в каждой точке",
    ),
    ("The points, as parts of the run", "Эти точки, в долях обучения"),
];
