package sample

// Positions of the columns a generator fills, in the order of the input tables;
// a test holds them against the schemas.
const (
	zoneCode = iota
	zoneName
	zoneLevel
	zoneKind
	zoneRole
	zoneCounty
	zoneIndustries
	zoneApprovedArea
	zoneApprovedOn
	zoneGeometry
)

const (
	parcelCode = iota
	parcelLandUse
	parcelStandard
	parcelRecorded
	parcelZone
	parcelHolder
	parcelHolderName
	parcelMethod
	parcelSigned
	parcelDelivered
	parcelStart
	parcelFinish
	parcelExtended
	parcelStarted
	parcelSuspended
	parcelFinished
	parcelToDevelop
	parcelDeveloped
	parcelInvestmentTotal
	parcelInvestmentMade
	parcelFixedAssets
	parcelLandPrice
	parcelCause
	parcelFloor
	parcelFootprint
	parcelYard
	parcelGreen
	parcelAncillaryLand
	parcelAncillaryFloor
	parcelSupplyState
	parcelStandardLand
	parcelTags
	parcelGeometry
)

const (
	useID = iota
	useCode
	useStandard
	useZone
	useBuildState
	useSupplyState
	useFloor
	useBase
	useStructure
	useGeometry
)

const (
	lineID = iota
	lineKind
	lineName
	lineGeometry
)

const (
	firmCode = iota
	firmName
	firmIndustry
	firmAboveScale
	firmRegistered
	firmProduction
	firmZone
	firmLon
	firmLat
	firmHighTech
	firmUtility
	firmRelocation
	firmZombie
	firmScattered
	firmUnsafe
	firmPolluter
	firmEnvFailed
	firmEnvUnstable
	firmTags
)

const (
	tenancyFirm = iota
	tenancyParcel
	tenancyKind
	tenancyArea
	tenancyFloor
	tenancyCounterpart
	tenancyFrom
	tenancyTo
)

// The accounts all begin with these two.
const (
	accountFirm = iota
	accountYear
)

const (
	outputOutput = iota + 2
	outputSales
	outputValueAdded
	outputProfit
	outputRD
	outputFixedAssets
	outputEmployees
)

const (
	taxTotal = iota + 2
	taxVAT
	taxIncome
	taxProperty
	taxLandUse
	taxConsumption
	taxCityMaintenance
	taxEducation
	taxStamp
)

const (
	energyTotal = iota + 2
	energyElectricity
	energyCoal
	energyGas
	energyHeat
	energyOil
	energyWater
)

const (
	emissionCOD = iota + 2
	emissionNH3N
	emissionSO2
	emissionNOx
	emissionVOC
	emissionWasteMade
	emissionWasteUsed
)

const (
	projectCode = iota
	projectZone
	projectName
	projectIndustry
	projectCategory
	projectSigned
	projectRegistered
	projectApproved
	projectLandSupplied
	projectStarted
	projectContracted
	projectFunded
	projectForeign
	projectLand
	projectInvestment
	projectTax
	projectEnergy
	projectPlotRatio
	projectCoverage
	projectMultistorey
	projectEnvironment
	projectSafety
	projectLon
	projectLat
)

const (
	indicatorZone = iota
	indicatorPeriod
	indicatorID
	indicatorValue
	indicatorUnit
	indicatorReported
)

const (
	adjustmentFirm = iota
	adjustmentYear
	adjustmentKind
	adjustmentValue
	adjustmentReason
	adjustmentActor
	adjustmentOn
)
