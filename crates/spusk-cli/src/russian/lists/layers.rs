//! Layers.

/// What they do, and their arguments; those that networks share stand there.
pub(super) const LAYERS: &[(&str, &str)] = &[
    (
        "Means over as many windows as are wanted, whatever the size of the input.",
        "Средние по стольким окнам, сколько нужно, каков бы ни был размер входа.",
    ),
    ("Rows and columns of the output", "Строк и столбцов на выходе"),
    (
        "Every element of a sequence gathers from the others what is like it: multi-head \
         attention.",
        "Каждый элемент последовательности собирает у других то, что на него похоже: \
         многоголовое внимание.",
    ),
    (
        "Number of heads; it divides the number of features",
        "Число голов; на него делится число признаков",
    ),
    (
        "Whether an element sees only itself and what stands before it",
        "Видит ли элемент только себя и то, что перед ним",
    ),
    ("How the initial weights are drawn", "Как берутся начальные веса"),
    ("The mean of each window, channel by channel.", "Среднее каждого окна, по каналам."),
    ("Rows and columns of a window", "Строк и столбцов в окне"),
    (
        "Rows and columns between windows; 0 means kernel_size, so that they touch",
        "Строк и столбцов от окна до окна; 0 — столько, сколько kernel_size, то есть вплотную",
    ),
    (
        "Rows and columns of zeros around the image; at most half of kernel_size",
        "Строк и столбцов нулей вокруг картинки, не больше половины kernel_size",
    ),
    (
        "Whether the zeros around the image count in the mean",
        "Входят ли в среднее нули вокруг картинки",
    ),
    (
        "Gives every feature mean 0 and variance 1 over the batch, then a scale and a shift.",
        "Приводит каждый признак к среднему 0 и дисперсии 1 по пачке, затем масштаб и сдвиг.",
    ),
    (
        "ε, added to the variance, so that nothing is divided by 0",
        "ε, прибавляемое к дисперсии, чтобы не делить на 0",
    ),
    (
        "Share of a new mean and variance in the running ones",
        "Доля новых среднего и дисперсии в скользящих",
    ),
    (
        "Gives some of the features to the layers inside and puts the others behind what they \
         make.",
        "Отдаёт часть признаков слоям внутри, а остальные ставит за тем, что те вернут.",
    ),
    (
        "The first feature that is given to the layers inside, from 0",
        "Первый признак, который получают слои внутри, считая с 0",
    ),
    ("How many features are given to them", "Сколько признаков они получают"),
    (
        "y = x; what passes here is the network's code of the example.",
        "y = x; что проходит здесь, то и есть код примера.",
    ),
    (
        "Gives every layer inside the same input and puts their outputs behind each other.",
        "Даёт каждому слою внутри один и тот же вход и ставит их выходы друг за другом.",
    ),
    (
        "A convolution of sequences: every output pixel sees a window of the input.",
        "Свёртка последовательностей: каждая точка выхода видит окно входа.",
    ),
    ("Number of output channels", "Число выходных каналов"),
    ("Size of the window", "Размер окна"),
    ("Steps from one window to the next", "Шагов от окна до окна"),
    (
        "Zeros on each side; `same` keeps the size (with a stride, ⌈size / stride⌉), `causal` \
         too, with all zeros in front, so that no output sees what comes later",
        "Нулей с каждой стороны; `same` сохраняет размер (при шаге больше 1 — ⌈размер / шаг⌉), \
         `causal` тоже, но все нули впереди, и ни один выход не видит будущего",
    ),
    ("Steps from one pixel of the window to the next", "Шагов от одной точки окна до другой"),
    (
        "Groups of channels that see nothing of each other",
        "Групп каналов, которые друг друга не видят",
    ),
    ("Whether a bias is added", "Прибавляется ли сдвиг"),
    (
        "A convolution of images: every output pixel sees a window of the input.",
        "Свёртка картинок: каждая точка выхода видит окно входа.",
    ),
    (
        "Size of the window, one number or [height, width]",
        "Размер окна, одно число или [высота, ширина]",
    ),
    (
        "Zeros on each side; `same` keeps the size (with a stride, ⌈size / stride⌉)",
        "Нулей с каждой стороны; `same` сохраняет размер (при шаге больше 1 — ⌈размер / шаг⌉)",
    ),
    (
        "Long short-term memory over sequences of pictures, with convolutions in place of its \
         products.",
        "Долгая краткосрочная память на последовательностях картинок, со свёртками вместо \
         произведений.",
    ),
    ("Channels D of h", "Число каналов D у h"),
    (
        "Size of the windows of both convolutions, one number or [height, width]",
        "Размер окон обеих свёрток, одно число или [высота, ширина]",
    ),
    (
        "Whether a second one goes through time backwards; its channels stand behind the first \
         one's",
        "Идёт ли второй слой по времени назад; его каналы стоят за каналами первого",
    ),
    (
        "Share of the features that is dropped between layers, in training",
        "Доля признаков, отбрасываемых между слоями при обучении",
    ),
    (
        "Whether only the last state is given on, pictures `[B, H, W, D]` (of each direction), \
         not the sequence of all",
        "Отдаётся ли только последнее состояние, картинки `[B, H, W, D]` (от каждого \
         направления), а не последовательность всех",
    ),
    (
        "A transposed convolution of sequences: every input pixel is spread over its \
         surroundings.",
        "Транспонированная свёртка последовательностей: каждая точка входа распределяется по \
         окрестности.",
    ),
    ("Steps that are cut off on each side", "Шагов, отрезаемых с каждой стороны"),
    ("Steps more behind; below the stride", "Шагов, добавляемых в конце, меньше stride"),
    (
        "A transposed convolution of images: every input pixel is spread over its surroundings.",
        "Транспонированная свёртка картинок: каждая точка входа распределяется по окрестности.",
    ),
    (
        "Rows and columns that are cut off on each side",
        "Строк и столбцов, отрезаемых с каждой стороны",
    ),
    (
        "Rows and columns more behind; below the stride",
        "Строк и столбцов, добавляемых в конце, меньше stride",
    ),
    ("A fully connected layer: y = x · W + b.", "Полносвязный слой: y = x · W + b."),
    ("Number of outputs", "Число выходов"),
    (
        "In training sets a random share of the features to 0 and divides the rest by 1 − \
         share.",
        "При обучении обнуляет случайную долю признаков, а остальные делит на 1 − доля \
         (прореживание).",
    ),
    ("Share of the features that is set to 0", "Доля признаков, которые становятся нулями"),
    ("y = x where x > 0, else α(eˣ − 1).", "y = x, где x > 0, иначе α(eˣ − 1)."),
    ("The value −α that the output falls to", "Число −α, к которому падает выход"),
    ("A trained row of numbers for every token.", "Обучаемая строка чисел для каждого токена."),
    ("Number of tokens", "Число токенов"),
    (
        "Whether token 0 is padding, which stands behind short sequences: its row is 0, and no \
         layer that follows lets it change a result",
        "Значит ли токен 0 пустое место за короткими последовательностями: его строка — 0, и \
         никакой слой дальше не даёт ему менять результат",
    ),
    (
        "Adds what the layers inside make of its input to the enlarged input.",
        "Прибавляет то, что слои внутри делают из входа, к увеличенному входу.",
    ),
    ("How many times as high and as wide", "Во сколько раз больше высота и ширина"),
    ("How the input itself is enlarged", "Как увеличивается сам вход"),
    (
        "Puts all features of an example along one axis: `[B, H, W, C]` becomes `[B, C·H·W]`.",
        "Ставит все признаки примера вдоль одной оси: из `[B, H, W, C]` получается `[B, \
         C·H·W]`.",
    ),
    (
        "A linear forecast from a window, which the layers inside correct.",
        "Линейный прогноз по окну, который поправляют слои внутри.",
    ),
    ("Steps of the forecast", "Шагов прогноза"),
    ("Series that are forecast", "Рядов, которые прогнозируются"),
    ("Series beside them", "Рядов рядом с ними"),
    (
        "What is taken off a window: its last value, or its mean and spread",
        "Что отнимается от окна: последнее значение или среднее с разбросом",
    ),
    (
        "y = x·Φ(x), with Φ the normal distribution function: ½x(1 + erf(x/√2)).",
        "y = x·Φ(x), где Φ — функция нормального распределения: ½x(1 + erf(x/√2)).",
    ),
    ("Whether to use the approximation by tanh", "Брать ли приближение через tanh"),
    (
        "The mean of every channel: `[B, H, W, C]` or `[B, T, C]` becomes `[B, C]`.",
        "Среднее каждого канала: из `[B, H, W, C]` или `[B, T, C]` получается `[B, C]`.",
    ),
    (
        "The largest element of every channel: `[B, H, W, C]` or `[B, T, C]` becomes `[B, C]`.",
        "Наибольший элемент каждого канала: из `[B, H, W, C]` или `[B, T, C]` получается `[B, \
         C]`.",
    ),
    (
        "Gives every group of channels of an example mean 0 and variance 1, then a scale and a \
         shift.",
        "Приводит каждую группу каналов примера к среднему 0 и дисперсии 1, затем масштаб и \
         сдвиг.",
    ),
    (
        "Number of groups; it divides the number of channels",
        "Число групп; на него делится число каналов",
    ),
    (
        "A gated recurrent layer: gates choose between the last output and a new one.",
        "Рекуррентный слой с вентилями: они выбирают между прежним выходом и новым.",
    ),
    ("Size of h", "Размер h"),
    (
        "Whether a second one goes through time backwards; its outputs stand behind the first \
         one's",
        "Идёт ли второй слой по времени назад; его выходы стоят за выходами первого",
    ),
    (
        "Whether only the last state is given on, `[B, H]` (of each direction), not `[B, T, H]`",
        "Отдаётся ли только последнее состояние, `[B, H]` (от каждого направления), а не `[B, \
         T, H]`",
    ),
    ("y = x.", "y = x."),
    (
        "The last element of a sequence, `[B, T, C]` becomes `[B, C]`; or the last few, `[B, \
         steps, C]`.",
        "Последний элемент последовательности: из `[B, T, C]` получается `[B, C]`; или \
         несколько последних, `[B, steps, C]`.",
    ),
    (
        "How many elements; 1 leaves no axis of time",
        "Сколько элементов; при 1 ось времени исчезает",
    ),
    (
        "Gives every example mean 0 and variance 1 over its features, then a scale and a shift.",
        "Приводит каждый пример к среднему 0 и дисперсии 1 по его признакам, затем масштаб и \
         сдвиг.",
    ),
    (
        "y = x where x > 0, else slope · x; for slopes up to 1 that is max(slope · x, x).",
        "y = x, где x > 0, иначе slope · x; при наклоне до 1 это max(slope · x, x).",
    ),
    ("The slope below 0", "Наклон ниже 0"),
    (
        "A recurrent layer with long short-term memory: gates write, keep and show a cell.",
        "Рекуррентный слой с долгой краткосрочной памятью: вентили пишут в ячейку, хранят её и \
         показывают.",
    ),
    (
        "The largest element of each window, channel by channel.",
        "Наибольший элемент каждого окна, по каналам.",
    ),
    (
        "Rows and columns around the image, smaller than all; at most half of kernel_size",
        "Строк и столбцов вокруг картинки, меньше любого значения; не больше половины \
         kernel_size",
    ),
    (
        "The largest of several dense layers: y = max over k of (x · Wₖ + bₖ).",
        "Наибольший из нескольких полносвязных слоёв: y = max по k от (x · Wₖ + bₖ).",
    ),
    ("Number of dense layers to choose from", "Из скольких полносвязных слоёв берётся наибольший"),
    (
        "How the initial weights are drawn; `auto` keeps the variance for two pieces",
        "Как берутся начальные веса; `auto` сохраняет дисперсию при двух слоях",
    ),
    (
        "Networks side by side that know nothing of each other, combined to one output.",
        "Сети рядом, которые друг о друге не знают; из их выходов получается один.",
    ),
    ("Number of networks", "Число сетей"),
    (
        "How their outputs become one: their mean, a vote, a learned gate (mixture of \
         experts), or a dense layer behind all",
        "Как из их выходов получается один: среднее, голосование, обучаемый выбор (смесь \
         экспертов) или полносвязный слой за всеми",
    ),
    (
        "Whether the parts are trained as one network, or each by itself on its own rows or \
         columns",
        "Обучаются ли части как одна сеть или каждая сама по себе, на своих строках или \
         столбцах",
    ),
    (
        "How much an uneven use of the parts by the gate counts in the loss",
        "Как сильно неравномерный выбор частей входит в потерю",
    ),
    (
        "Enlarges images by turning channels into pixels.",
        "Увеличивает картинки, превращая каналы в точки.",
    ),
    ("r: how many times as high and as wide", "r: во сколько раз больше высота и ширина"),
    (
        "Adds to every element of a sequence what tells its place.",
        "Прибавляет к каждому элементу последовательности знак его места.",
    ),
    ("What is added", "Что прибавляется"),
    ("y = max(x, 0).", "y = max(x, 0)."),
    (
        "Adds its input to what the layers inside make of it.",
        "Прибавляет вход к тому, что делают из него слои внутри.",
    ),
    (
        "Whether the input is brought to the output's number of features, by a dense layer or \
         a convolution of single pixels, where they differ",
        "Приводится ли вход к числу признаков выхода полносвязным слоем или свёрткой отдельных \
         точек, если они различны",
    ),
    ("Whether a batch norm follows that", "Стоит ли за этим пакетная нормализация"),
    ("How the initial weights of that are drawn", "Как берутся начальные веса этого слоя"),
    (
        "Gives every example mean square 1 over its features, then a scale.",
        "Приводит каждый пример к среднему квадрату 1 по его признакам, затем масштаб.",
    ),
    (
        "ε, added to the mean square, so that nothing is divided by 0",
        "ε, прибавляемое к среднему квадрату, чтобы не делить на 0",
    ),
    (
        "A recurrent layer: each step sees the input and its own last output.",
        "Рекуррентный слой: каждый шаг видит вход и свой прежний выход.",
    ),
    ("Layers one after the other, as one layer.", "Слои один за другим, как один слой."),
    ("y = 1 / (1 + e⁻ˣ), between 0 and 1.", "y = 1 / (1 + e⁻ˣ), между 0 и 1."),
    ("y = x / (1 + e⁻ˣ), also called swish.", "y = x / (1 + e⁻ˣ), её зовут и swish."),
    (
        "y = eˣ / Σ eˣ along the last axis: shares that add up to 1.",
        "y = eˣ / Σ eˣ вдоль последней оси: доли с суммой 1.",
    ),
    ("y = ln(1 + eˣ), a smooth ReLU.", "y = ln(1 + eˣ), гладкая ReLU."),
    (
        "A sequence `[B, T, C]` as one row: of series the last element, of texts what stands \
         anywhere in them.",
        "Последовательность `[B, T, C]` одной строкой: от ряда — последний элемент, от текста \
         — то, что стоит где-нибудь в нём.",
    ),
    ("y = tanh x, between −1 and 1.", "y = tanh x, между −1 и 1."),
    (
        "The threshold neuron: y = 1 where x > 0, else 0; it trains with a straight-through \
         gradient.",
        "Пороговый нейрон: y = 1, где x > 0, иначе 0; при обучении градиент проходит сквозь \
         него прямо.",
    ),
    (
        "A block of a transformer: attention, then two dense layers, each added to what it is \
         given.",
        "Блок трансформера: внимание, затем два полносвязных слоя, то и другое прибавляется к \
         своему входу.",
    ),
    (
        "How many times as many numbers stand between the two dense layers",
        "Во сколько раз больше чисел между двумя полносвязными слоями",
    ),
    (
        "Makes images of rows of features: `[B, C·H·W]` becomes `[B, H, W, C]`.",
        "Делает из строк признаков картинки: из `[B, C·H·W]` получается `[B, H, W, C]`.",
    ),
    ("H and W, one number or [height, width]", "H и W, одно число или [высота, ширина]"),
    (
        "Enlarges images or sequences by a whole factor.",
        "Увеличивает картинки или последовательности в целое число раз.",
    ),
    ("How many times as large", "Во сколько раз больше"),
    ("How new elements are made of old ones", "Как новые элементы получаются из старых"),
];
